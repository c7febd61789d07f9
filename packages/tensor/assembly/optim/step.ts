/** @file Fused optimiser steps and other updates over contiguous float32 tensors. Outputs may be the inputs (in place). */
import { f32c, storeTail } from "../lib/simd";

/**
 * Adam (arXiv 1412.6980) with decoupled weight decay (AdamW, arXiv 1711.05101):
 * m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², p ← keep·p − rate·m / (√v·unbias + eps).
 * The caller folds the bias corrections in: rate = lr/(1−β₁ᵗ), unbias = 1/√(1−β₂ᵗ), keep = 1 − lr·decay.
 */
export function adam(n: i32, p: usize, g: usize, m: usize, v: usize, po: usize, mo: usize, vo: usize,
                     beta1: f32, beta2: f32, rate: f32, unbias: f32, eps: f32, keep: f32): void {
  const b1 = f32c(beta1), b2 = f32c(beta2), c1 = f32c(1 - beta1), c2 = f32c(1 - beta2);
  const lr = f32c(rate), ub = f32c(unbias), ep = f32c(eps), kp = f32c(keep);
  for (; n > 0; n -= 4) {
    const x = v128.load(p), d = v128.load(g);
    const mm = f32x4.add(f32x4.mul(b1, v128.load(m)), f32x4.mul(c1, d));
    const vv = f32x4.add(f32x4.mul(b2, v128.load(v)), f32x4.mul(c2, f32x4.mul(d, d)));
    const step = f32x4.div(f32x4.mul(lr, mm), f32x4.add(f32x4.mul(f32x4.sqrt(vv), ub), ep));
    const y = f32x4.sub(f32x4.mul(kp, x), step);
    if (n >= 4) {
      v128.store(po, y);
      v128.store(mo, mm);
      v128.store(vo, vv);
    } else {
      storeTail(po, y, n);
      storeTail(mo, mm, n);
      storeTail(vo, vv, n);
    }
    p += 16, g += 16, m += 16, v += 16;
    po += 16, mo += 16, vo += 16;
  }
}

/** Momentum: m ← μ·m + g (+ pull·p), p ← p − lr·(m, or with Nesterov's look-ahead g + μ·m). */
export function momentum(n: i32, p: usize, g: usize, m: usize, po: usize, mo: usize,
                         lr: f32, mu: f32, pull: f32, nesterov: i32): void {
  const l = f32c(lr), u = f32c(mu), pl = f32c(pull);
  for (; n > 0; n -= 4) {
    const x = v128.load(p);
    const d = f32x4.add(v128.load(g), f32x4.mul(pl, x));
    const mm = f32x4.add(f32x4.mul(u, v128.load(m)), d);
    const step = nesterov ? f32x4.add(d, f32x4.mul(u, mm)) : mm;
    const y = f32x4.sub(x, f32x4.mul(l, step));
    if (n >= 4) {
      v128.store(po, y);
      v128.store(mo, mm);
    } else {
      storeTail(po, y, n);
      storeTail(mo, mm, n);
    }
    p += 16, g += 16, m += 16;
    po += 16, mo += 16;
  }
}

/** o = a·x + y */
export function axpy(n: i32, a: f32, x: usize, y: usize, o: usize): void {
  const s = f32c(a);
  const end = o + (<usize>(n >> 2) << 4);
  for (; o < end; o += 16) {
    v128.store(o, f32x4.add(f32x4.mul(s, v128.load(x)), v128.load(y)));
    x += 16;
    y += 16;
  }
  if (n & 3) storeTail(o, f32x4.add(f32x4.mul(s, v128.load(x)), v128.load(y)), n & 3);
}

/** o = x + t·(y − x): moving averages. */
export function lerp(n: i32, t: f32, x: usize, y: usize, o: usize): void {
  const s = f32c(t);
  for (; n > 0; n -= 4) {
    const a = v128.load(x), v = f32x4.add(a, f32x4.mul(s, f32x4.sub(v128.load(y), a)));
    if (n >= 4) v128.store(o, v);
    else storeTail(o, v, n);
    x += 16, y += 16, o += 16;
  }
}
