/** @file Public names of @isograd/nn. */
import * as init from "./init.js";
import * as losses from "./losses.js";
import * as schedules from "./schedules.js";

export { type Collated, collate } from "./data/collate.js";
export { type BatchOf, DataLoader, type LoaderOptions, type LoaderState } from "./data/loader.js";
export { evaluate } from "./fit/evaluate.js";
export { type CheckpointFile, checkpointFile } from "./fit/files.js";
export { fit } from "./fit/fit.js";
export type {
  BatchFunction,
  Callback,
  FitOptions,
  FitRecord,
  FitResult,
  Reporter,
  StopReason,
  Validation,
} from "./fit/options.js";
export { functionalCall, loadStateDict, stateDict } from "./functional.js";
export {
  type AttentionLayerOptions,
  type AttentionMasks,
  MultiHeadAttention,
} from "./layers/attention.js";
export { BatchNorm, type BatchNormOptions } from "./layers/batchNorm.js";
export { Conv1d, Conv2d, type ConvOptions } from "./layers/conv.js";
export { Dropout } from "./layers/dropout.js";
export { Embedding, type EmbeddingOptions } from "./layers/embedding.js";
export type { ActivationName, Layer, LayerOptions, TensorFunction } from "./layers/layer.js";
export { LayerNorm, type LayerNormOptions } from "./layers/layerNorm.js";
export { Linear, type LinearOptions } from "./layers/linear.js";
export { MLP, type MLPOptions } from "./layers/mlp.js";
export { GroupNorm, type NormOptions, RMSNorm } from "./layers/norms.js";
export { AvgPool2d, Flatten, MaxPool2d, Upsample } from "./layers/pooling.js";
export {
  GRU,
  type GRUResult,
  LSTM,
  type LSTMResult,
  type RecurrentOptions,
} from "./layers/recurrent.js";
export { type RotaryOptions, rotary } from "./layers/rotary.js";
export { Activation, Sequential } from "./layers/sequential.js";
export { TransformerBlock, type TransformerBlockOptions } from "./layers/transformer.js";
export {
  Bert,
  type BertConfig,
  bertConfigFrom,
  type EncoderInputs,
  type EncoderOptions,
  type EncoderOutputs,
} from "./models/bert.js";
export {
  BertForMaskedLM,
  BertForSequenceClassification,
  RobertaForMaskedLM,
  RobertaForSequenceClassification,
} from "./models/bertHeads.js";
export type { ConfigSource } from "./models/config.js";
export { type GenerateOptions, generate } from "./models/generate.js";
export {
  Gpt2,
  type Gpt2Config,
  type Gpt2Inputs,
  type Gpt2Outputs,
  type Gpt2Past,
  gpt2ConfigFrom,
} from "./models/gpt2.js";
export { Gpt2ForCausalLM, Gpt2ForSequenceClassification } from "./models/gpt2Heads.js";
export { isLinear, type ModelOptions } from "./models/parts.js";
export {
  type Loaded,
  loadPretrained,
  type Pretrained,
  type PretrainedClass,
  type PretrainedFiles,
  type PretrainedOptions,
} from "./models/pretrained.js";
export { Roberta, robertaConfigFrom } from "./models/roberta.js";
export { Vit, type VitConfig, VitForImageClassification, vitConfigFrom } from "./models/vit.js";
export { Module } from "./module.js";
export { type Clipped, clipByGlobalNorm } from "./optim/clip.js";
export { Ema, type EmaOptions, ema } from "./optim/ema.js";
export {
  Optimizer,
  type OptimizerOptions,
  type OptimizerState,
  type ParameterGroup,
} from "./optim/optimizer.js";
export { type AdamOptions, adam, adamw, type SgdOptions, sgd } from "./optim/optimizers.js";
export { type PureOptimizer, type PureState, pure } from "./optim/pure.js";
export {
  type AdamRuleOptions,
  adamRule,
  type SgdRuleOptions,
  type StepInfo,
  sgdRule,
  type UpdateRule,
} from "./optim/rule.js";
export type { Trainable } from "./optim/targets.js";
export { Buffer, Parameter } from "./parameter.js";
export type { Schedule } from "./schedules.js";
export type { LoadReport, LoadStateOptions } from "./stateDict.js";
export type { TensorTree } from "./walk.js";
export { init, losses, schedules };
