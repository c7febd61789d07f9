/** @file Batching of ops of a user's own: by their formula, their composition, or sample by sample. */
import {
  broadcastTo,
  reshape,
  slice,
  stack,
  sum,
  type Tensor,
  UsageError,
  zeros,
  zerosLike,
} from "@isograd/tensor";
import { apply, defineOp, type Op } from "@isograd/tensor/engine";
import { ruleOf, setRule } from "../rules/lookup.js";
import { type AnyRule, fromBoth } from "../rules/rule.js";
import { unbroadcast } from "../walk.js";
import { aligned, type Batching, type Call, rankOf, runOp } from "./batching.js";
import { mapSamples } from "./device.js";

/** An op on all samples that has the rule of the op on one, itself mapped over the samples. */
export const general: Batching = (call) => {
  const { op, lanes, attrs, size, shape } = call;
  if (op.inferMany !== undefined) {
    throw new UsageError("vmap", `${op.name} has several results and no batching rule`);
  }
  if (op.scalar !== undefined) return spread(call);
  const flags = lanes.map((lane) => lane.batched);
  const made = defineOp<readonly Tensor[]>({
    name: op.name,
    infer: () => ({ shape: [size, ...shape], dtype: sampleType(call) }),
    compose: (xs) => {
      const { compose } = op;
      if (compose === undefined) return oneByOne(call, xs);
      return mapSamples(size, xs, flags, (samples) => compose(samples, attrs));
    },
  });
  const rule = ruleOrNone(op);
  if (rule !== undefined) setRule(made, rule === null ? null : mappedRule(rule, call, flags));
  const inputs = lanes.map((lane) => lane.x);
  return apply(made, inputs, undefined);
};

/** An elementwise formula: every input gets the batch in front. */
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
  const samples = lanes.map(({ x, shape }) => ({ shape, dtype: x.dtype }));
  return op.infer(samples as never, attrs).dtype;
}

function oneByOne({ op, lanes, attrs, size, shape }: Call, xs: readonly Tensor[]): Tensor {
  const like = xs[0] as Tensor;
  if (size === 0) return zeros([0, ...shape], { dtype: like.dtype, device: like.device });
  const parts = Array.from({ length: size }, (_, k) =>
    apply(
      op,
      xs.map((x, i) => (lanes[i]?.batched ? slice(x, [k]) : x)),
      attrs,
    ),
  );
  return reshape(stack(parts), [size, ...shape]);
}

/** The rule of an op; undefined when it has none, which is an error only when it is asked for. */
function ruleOrNone(op: Op): AnyRule | null | undefined {
  try {
    return ruleOf(op);
  } catch {
    return undefined;
  }
}

/** The cotangent of each input sample by sample, summed where all samples share the input. */
function mappedRule(rule: AnyRule, { attrs, size }: Call, flags: readonly boolean[]) {
  const n = flags.length;
  return fromBoth<readonly Tensor[], undefined>(({ inputs, out }) =>
    flags.map((batched, i) => (g: Tensor) => {
      const seen = [...inputs, out, g];
      const back = mapSamples(size, seen, [...flags, true, true], (samples) => {
        const own = samples.slice(0, n);
        const x = own[i] as Tensor;
        const send = rule.vjp({ inputs: own, out: samples[n] as Tensor, attrs })[i];
        const gx = send?.(samples[n + 1] as Tensor) ?? zerosLike(x);
        return unbroadcast(gx, x, "vmap");
      });
      return batched ? back : sum(back, { axis: 0 });
    }),
  );
}
