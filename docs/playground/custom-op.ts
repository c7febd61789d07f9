// An op of your own: a formula for one number, a rule for its derivative, and a check of both.
import { defineOp, grad, gradcheck } from "@isograd/autograd";
import { type Tensor, tensor, where } from "@isograd/tensor";

// softplus(x) = log(1 + eˣ), written so that it does not overflow
const softplus = defineOp<readonly [Tensor]>({
  name: "softplus",
  scalar: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  gpu: "return max(x, 0.0) + log(1.0 + exp(-abs(x)));",
  vjp: ({ inputs: [x] }) => [(g) => g.mul(x.sigmoid())], // d softplus = sigmoid(x) dx
});

const x = tensor([-2, -1, 0, 1, 40], { dtype: "float64" });
softplus(x); // → Tensor(float64, [5]) [0.1269, 0.3133, 0.6931, 1.3133, 40…]

// the rule against finite differences, in double precision: the largest difference
gradcheck(softplus, [tensor([-2, 0.5, 3], { dtype: "float64" })]) < 1e-7; // → true

// it composes with everything: derivatives of derivatives, other ops, vmap, compile …
const second = grad((v: Tensor) => grad((u: Tensor) => softplus(u).sum())(v).sum());
second(tensor([0])).item(); // → 0.25

// forget the absolute value, and gradcheck shows where it goes wrong
const wrong = defineOp<readonly [Tensor]>({
  name: "wrong",
  scalar: (v) => Math.abs(v) * v,
  vjp: ({ inputs: [v] }) => [(g) => g.mul(v).mul(2)], // the derivative is 2 |x|
});
gradcheck(wrong, [tensor([1, -2], { dtype: "float64" })]); // → throws GradientError: gradcheck: …

const steps = Array.from({ length: 121 }, (_, i) => (i - 60) / 12);
const at = tensor(steps);
const relu = where(at.greater(0), at, 0);
plot(steps, { softplus: softplus(at), slope: grad((v: Tensor) => softplus(v).sum())(at), relu });
