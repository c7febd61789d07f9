/** @file Transcendental functions of one float32 tensor, and their derivatives times a cotangent. Accuracy: see lib/. */
import * as e from "../lib/exp";
import * as f from "../lib/erf";
import * as l from "../lib/log";
import * as t from "../lib/trig";
import { map, zip } from "./span";

// @ts-ignore: decorator
@unmanaged class Exp {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return e.exp(x); }
}
// @ts-ignore: decorator
@unmanaged class Expm1 {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return e.expm1(x); }
}
// @ts-ignore: decorator
@unmanaged class Tanh {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return e.tanh(x); }
}
// @ts-ignore: decorator
@unmanaged class Sinh {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return e.sinh(x); }
}
// @ts-ignore: decorator
@unmanaged class Cosh {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return e.cosh(x); }
}
// @ts-ignore: decorator
@unmanaged class Sigmoid {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return e.sigmoid(x); }
}
// @ts-ignore: decorator
@unmanaged class Silu {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return e.silu(x); }
}
// @ts-ignore: decorator
@unmanaged class Log {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return l.log(x); }
}
// @ts-ignore: decorator
@unmanaged class Log2 {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return l.log2(x); }
}
// @ts-ignore: decorator
@unmanaged class Log1p {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return l.log1p(x); }
}
// @ts-ignore: decorator
@unmanaged class Softplus {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return l.softplus(x); }
}
// @ts-ignore: decorator
@unmanaged class Sin {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return t.sinQuarter(x, 0); }
}
// @ts-ignore: decorator
@unmanaged class Cos {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return t.sinQuarter(x, 1); }
}
// @ts-ignore: decorator
@unmanaged class Tan {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return f32x4.div(t.sinQuarter(x, 0), t.sinQuarter(x, 1)); }
}
// @ts-ignore: decorator
@unmanaged class Erf {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return f.erf(x); }
}
// @ts-ignore: decorator
@unmanaged class Gelu {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return f.gelu(x); }
}
// @ts-ignore: decorator
@unmanaged class GeluTanh {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return f.geluTanh(x); }
}
// @ts-ignore: decorator
@unmanaged class TanhGrad {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128): v128 { return f32x4.mul(g, e.tanhSlope(x)); }
}
// @ts-ignore: decorator
@unmanaged class SigmoidGrad {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128): v128 { return f32x4.mul(g, e.sigmoidSlope(x)); }
}
// @ts-ignore: decorator
@unmanaged class GeluGrad {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128): v128 { return f32x4.mul(g, f.geluSlope(x)); }
}
// @ts-ignore: decorator
@unmanaged class GeluTanhGrad {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128): v128 { return f32x4.mul(g, f.geluTanhSlope(x)); }
}
// @ts-ignore: decorator
@unmanaged class SiluGrad {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128): v128 { return f32x4.mul(g, e.siluSlope(x)); }
}

export function exp(n: i32, x: usize, o: usize): void {
  map<Exp>(n, x, o);
}
export function expm1(n: i32, x: usize, o: usize): void {
  map<Expm1>(n, x, o);
}
export function tanh(n: i32, x: usize, o: usize): void {
  map<Tanh>(n, x, o);
}
export function sinh(n: i32, x: usize, o: usize): void {
  map<Sinh>(n, x, o);
}
export function cosh(n: i32, x: usize, o: usize): void {
  map<Cosh>(n, x, o);
}
export function sigmoid(n: i32, x: usize, o: usize): void {
  map<Sigmoid>(n, x, o);
}
export function silu(n: i32, x: usize, o: usize): void {
  map<Silu>(n, x, o);
}
export function log(n: i32, x: usize, o: usize): void {
  map<Log>(n, x, o);
}
export function log2(n: i32, x: usize, o: usize): void {
  map<Log2>(n, x, o);
}
export function log1p(n: i32, x: usize, o: usize): void {
  map<Log1p>(n, x, o);
}
export function softplus(n: i32, x: usize, o: usize): void {
  map<Softplus>(n, x, o);
}
export function sin(n: i32, x: usize, o: usize): void {
  map<Sin>(n, x, o);
}
export function cos(n: i32, x: usize, o: usize): void {
  map<Cos>(n, x, o);
}
export function tan(n: i32, x: usize, o: usize): void {
  map<Tan>(n, x, o);
}
export function erf(n: i32, x: usize, o: usize): void {
  map<Erf>(n, x, o);
}
export function gelu(n: i32, x: usize, o: usize): void {
  map<Gelu>(n, x, o);
}
export function geluTanh(n: i32, x: usize, o: usize): void {
  map<GeluTanh>(n, x, o);
}
export function tanhGrad(n: i32, x: usize, g: usize, o: usize): void {
  zip<TanhGrad>(n, x, g, o);
}
export function sigmoidGrad(n: i32, x: usize, g: usize, o: usize): void {
  zip<SigmoidGrad>(n, x, g, o);
}
export function geluGrad(n: i32, x: usize, g: usize, o: usize): void {
  zip<GeluGrad>(n, x, g, o);
}
export function geluTanhGrad(n: i32, x: usize, g: usize, o: usize): void {
  zip<GeluTanhGrad>(n, x, g, o);
}
export function siluGrad(n: i32, x: usize, g: usize, o: usize): void {
  zip<SiluGrad>(n, x, g, o);
}
