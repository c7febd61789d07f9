/** @file Signatures: what programs are chosen by, the tree of the arguments of a call. */
import type { DType, Shape, Tensor } from "@isograd/tensor";
import { UsageError } from "@isograd/tensor";
import { hasParameters, isPlain, isTensor, visitTree } from "@isograd/tensor/engine";

/** A tree of arguments without its numbers. */
export type Signature =
  | { readonly kind: "tensor"; readonly shape: Shape; readonly dtype: DType }
  | { readonly kind: "array"; readonly children: readonly Signature[] }
  | {
      readonly kind: "object";
      readonly keys: readonly string[];
      readonly children: readonly Signature[];
    }
  | { readonly kind: "value"; readonly value: unknown };

/** The signature of an argument. */
export function signatureOf(arg: unknown): Signature {
  if (isTensor(arg)) return { kind: "tensor", shape: [...arg.shape], dtype: arg.dtype };
  if (typeof arg !== "object" || arg === null) return { kind: "value", value: arg };
  if (Array.isArray(arg)) return { kind: "array", children: arg.map(signatureOf) };
  if (isPlain(arg)) {
    const keys = Object.keys(arg);
    return { kind: "object", keys, children: Object.values(arg).map(signatureOf) };
  }
  if (hasParameters(arg)) throw notPlain("a module");
  visitTree(arg, () => {
    throw notPlain(`tensors inside of ${arg.constructor.name}`);
  });
  return { kind: "value", value: arg };
}

/** The shapes of the tensors of a signature, in order. */
export function shapesIn(signature: Signature): readonly Shape[] {
  if (signature.kind === "tensor") return [signature.shape];
  return "children" in signature ? signature.children.flatMap(shapesIn) : [];
}

function notPlain(what: string): UsageError {
  return new UsageError(
    "compile",
    `an argument is ${what}`,
    "name it in { state: […] }; arguments are tensors, arrays and plain objects of them, and values",
  );
}

/** Whether an argument has a signature; adds its tensors to `leaves`, in order. */
export function matches(signature: Signature, arg: unknown, leaves: Tensor[]): boolean {
  if (signature.kind === "tensor") {
    if (!isTensor(arg) || arg.dtype !== signature.dtype) return false;
    const { shape } = arg;
    const own = signature.shape;
    if (shape.length !== own.length) return false;
    for (let i = 0; i < own.length; i++) if (shape[i] !== own[i]) return false;
    leaves.push(arg);
    return true;
  }
  if (signature.kind === "value") return Object.is(arg, signature.value);
  const { children } = signature;
  if (signature.kind === "array") {
    if (!Array.isArray(arg) || arg.length !== children.length) return false;
    for (let i = 0; i < children.length; i++) {
      if (!matches(children[i] as Signature, arg[i], leaves)) return false;
    }
    return true;
  }
  if (!isPlain(arg) || Array.isArray(arg)) return false;
  const { keys } = signature;
  const own = Object.keys(arg);
  if (own.length !== keys.length) return false;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    if (own[i] !== key) return false;
    const child = (arg as Readonly<Record<string, unknown>>)[key];
    if (!matches(children[i] as Signature, child, leaves)) return false;
  }
  return true;
}
