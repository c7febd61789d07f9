/** @file Elementwise ops that bring their rules along, one family. @internal */
export { cbrt, exp2 } from "../elementwise/powers.js";
export { fmod } from "../elementwise/quotients.js";
export { erfinv } from "./erfinv.js";
export { digamma, lgamma, polygamma } from "./gammas.js";
export { sinc } from "./sinc.js";
export { xlogy } from "./xlogy.js";
