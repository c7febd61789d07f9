/** @file The table from the name of a method in a file to the loader that the method exports. */
import { bitFitLoader } from "../methods/bitFit.js";
import { denseLoader } from "../methods/denseProjection.js";
import { fastfoodLoader } from "../methods/fastfood.js";
import { fourierFtLoader } from "../methods/fourierFt.js";
import { fullLoader } from "../methods/fullFineTune.js";
import { gpartLoader } from "../methods/gpart.js";
import { headLoader } from "../methods/headOnly.js";
import type { Loader } from "../methods/loader.js";
import { loraLoader } from "../methods/lora.js";
import type { MethodName } from "../methods/method.js";
import { tiedLoraLoader } from "../methods/tiedLora.js";
import { uniLoraLoader } from "../methods/uniLora.js";
import { vbLoraLoader } from "../methods/vbLora.js";
import { veraLoader } from "../methods/vera.js";

/** The loader of every method. */
export const loaders: Readonly<Record<MethodName, Loader>> = {
  GPART: gpartLoader,
  LORA: loraLoader,
  UNILORA: uniLoraLoader,
  VERA: veraLoader,
  VBLORA: vbLoraLoader,
  TIEDLORA: tiedLoraLoader,
  FOURIERFT: fourierFtLoader,
  DENSE: denseLoader,
  FASTFOOD: fastfoodLoader,
  FULL: fullLoader,
  BITFIT: bitFitLoader,
  HEAD: headLoader,
};
