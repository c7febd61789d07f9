/** @file Batching of ops that users define: by formula, by composition, or one by one. */
import {
  broadcastTo,
  type DType,
  reshape,
  type Shape,
  slice,
  stack,
  sum,
  type Tensor,
  UsageError,
  zeros,
  zerosLike,
} from "@isograd/tensor";
import {
  apply,
  defineOp,
  type Inputs,
  type Op,
  type RuleOfOne,
  type Spec,
} from "@isograd/tensor/engine";
import { ruleOf, setRule } from "../rules/lookup.js";
import { type AnyRule, fromBoth } from "../rules/rule.js";
import { unbroadcast } from "../tape/fitting.js";
import {
  aligned,
  type Batching,
  type Call,
  rankOf,
  runOp,
  type Samples,
  whole,
} from "./batching.js";
import { type Ready, ready } from "./ready.js";

/** One call of an op on all samples: its attributes on one, and which inputs are batched. */
interface Mapped extends Ready {
  readonly attrs: unknown;
  readonly flags: readonly boolean[];
  readonly size: number;
  /** The shape of one sample of the result. */
  readonly shape: Shape;
  readonly dtype: DType;
  readonly batch: Samples;
}

type MappedOp = Op<readonly Tensor[], Mapped>;

const mappedOps = new WeakMap<Op, MappedOp>();

/** An op on all samples; its rule maps the rule of the given op over the samples. */
export const general: Batching = (call) => {
  const { op, lanes, attrs, size, shape, batch } = call;
  if (op.inferMany !== undefined) {
    const problem = `${op.name} has several results and no batching rule`;
    throw new UsageError("vmap", problem, "call it for each sample, and stack");
  }
  if (op.scalar !== undefined) return spread(call);
  let mapped = mappedOps.get(op);
  if (mapped === undefined) {
    mapped = mappedOp(op);
    mappedOps.set(op, mapped);
  }
  const value = (attrs as Ready | undefined)?.[ready];
  const made = value && whole(batch.lane(value), size);
  const flags = lanes.map((lane) => lane.batched);
  const own = { attrs, flags, size, shape, dtype: sampleType(call), batch, [ready]: made };
  return apply(
    mapped,
    lanes.map((lane) => lane.x),
    own,
  );
};

function mappedOp(op: Op): MappedOp {
  const made = defineOp<readonly Tensor[], Mapped>({
    name: op.name,
    infer: (_, { size, shape, dtype }) => ({ shape: [size, ...shape], dtype }),
    compose(xs, call) {
      if (call[ready] !== undefined) return call[ready];
      const { compose } = op;
      if (compose === undefined) return oneByOne(op, xs, call);
      return call.batch.mapped(xs, call.flags, (samples) => compose(samples, call.attrs));
    },
  });
  const rule = ruleOrNone(op);
  if (rule === null) setRule(made, null);
  else if (rule?.many === false) setRule(made, mappedRule(rule));
  return made;
}

/** For elementwise formulas: every input gets the batch in front. */
function spread(call: Call) {
  const rank = rankOf(call.lanes);
  const inputs = call.lanes.map((lane) => {
    if (lane.batched) return aligned(lane, rank);
    const ones = new Array<number>(rank - lane.shape.length).fill(1);
    return broadcastTo(lane.x, [call.size, ...ones, ...lane.shape]);
  });
  return runOp(call, inputs, call.attrs);
}

function sampleType({ op, lanes, attrs }: Call) {
  const samples: readonly Spec[] = lanes.map(({ x, shape }) => ({ shape, dtype: x.dtype }));
  return op.infer(samples as Inputs, attrs).dtype; // a shape rule reads shapes and dtypes only
}

function oneByOne(op: Op, xs: readonly Tensor[], { attrs, flags, size, shape }: Mapped): Tensor {
  const like = xs[0] as Tensor;
  if (size === 0) return zeros([0, ...shape], { dtype: like.dtype, device: like.device });
  const parts = Array.from({ length: size }, (_, k) =>
    apply(
      op,
      xs.map((x, i) => (flags[i] ? slice(x, [k]) : x)),
      attrs,
    ),
  );
  return reshape(stack(parts), [size, ...shape]);
}

/** The rule of an op; undefined if it has none, which is an error only in a backward pass. */
function ruleOrNone(op: Op): AnyRule | null | undefined {
  try {
    return ruleOf(op);
  } catch {
    return undefined;
  }
}

/** The cotangents of each input for all samples; summed if the samples share the input. */
function mappedRule(rule: RuleOfOne<readonly Tensor[], unknown>) {
  return fromBoth<readonly Tensor[], Mapped>(({ inputs, out, attrs: call }) => {
    const { flags, attrs } = call;
    const n = flags.length;
    return flags.map((batched, i) => (g: Tensor) => {
      const seen = [...inputs, out, g];
      const back = call.batch.mapped(seen, [...flags, true, true], (samples) => {
        const own = samples.slice(0, n);
        const x = own[i] as Tensor;
        const send = rule.vjp({ inputs: own, out: samples[n] as Tensor, attrs })[i];
        const gx = send?.(samples[n + 1] as Tensor) ?? zerosLike(x);
        return unbroadcast(gx, x, "vmap");
      });
      return batched ? back : sum(back, { axis: 0 });
    });
  });
}
