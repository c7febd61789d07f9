/**
 * @file Models and their training: layers and whole transformers, losses, optimisers, schedules,
 * data loading and a training loop. Each piece can be used without the others: a model is a tree of
 * tensors that `grad` understands, an optimiser needs gradients only, and `fit` is a loop that you
 * can write yourself. Parameters have the names, shapes and initial values of PyTorch.
 *
 * @example
 * const model = new MLP([1, 16, 1], { activation: "tanh", rng: rng(0) });
 * const x = linspace(-1, 1, 32).reshape([32, 1]);
 * const lossOf = (m: MLP) => losses.mse(m.forward(x), x.square());
 *
 * const optimizer = adam(model, { lr: 0.01 });
 * for (let i = 0; i < 300; i++) optimizer.step(grad(lossOf)(model));
 * lossOf(model).item() < 0.01; // true
 *
 * @see [Models and training](/guide/nn)
 * @see [Compiled steps](/guide/compile)
 */
import * as init from "./init.js";
import * as losses from "./losses.js";
import * as schedules from "./schedules.js";

// Modules: what holds parameters by name, and runs with weights of its own or with others.

export { functionalCall, loadStateDict, stateDict } from "./functional.js";
export { Module } from "./module.js";
export type { TensorTree } from "./names.js";
export { Buffer, Parameter } from "./parameter.js";
export type { LoadReport, LoadStateOptions } from "./stateDict.js";

// Layers: modules that compute one step of a network; for images, sequences and attention too.

export {
  type AttentionLayerOptions,
  type AttentionMasks,
  MultiHeadAttention,
} from "./layers/attention.js";
export { BatchNorm, type BatchNormOptions } from "./layers/batchNorm.js";
export { Conv1d, Conv2d, type ConvOptions } from "./layers/conv.js";
export { Dropout } from "./layers/dropout.js";
export { Embedding, type EmbeddingOptions } from "./layers/embedding.js";
export { GroupNorm } from "./layers/groupNorm.js";
export { GRU, type GRUResult } from "./layers/gru.js";
export type { ActivationName, Layer, LayerOptions, TensorFunction } from "./layers/layer.js";
export { LayerNorm, type LayerNormOptions } from "./layers/layerNorm.js";
export { Linear, type LinearOptions } from "./layers/linear.js";
export { LSTM, type LSTMResult } from "./layers/lstm.js";
export { MLP, type MLPOptions } from "./layers/mlp.js";
export type { NormOptions } from "./layers/norm.js";
export { AvgPool2d, Flatten, MaxPool2d, Upsample } from "./layers/pooling.js";
export type { RecurrentOptions } from "./layers/recurrent.js";
export { RMSNorm } from "./layers/rmsNorm.js";
export { type RotaryOptions, rotary } from "./layers/rotary.js";
export { Activation, Sequential } from "./layers/sequential.js";
export { TransformerBlock, type TransformerBlockOptions } from "./layers/transformer.js";

// Models: BERT, RoBERTa, GPT-2 and ViT with their heads, which take checkpoints of Hugging Face.

export { Bert } from "./models/bert.js";
export { type BertConfig, bertConfigFrom } from "./models/bertConfig.js";
export { BertForMaskedLM, BertForSequenceClassification } from "./models/bertHeads.js";
export type { ConfigSource } from "./models/config.js";
export { isLinear } from "./models/conv1d.js";
export type { EncoderInputs, EncoderOptions, EncoderOutputs } from "./models/encoder.js";
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
export type { ModelOptions } from "./models/maker.js";
export {
  type Loaded,
  loadPretrained,
  type Pretrained,
  type PretrainedClass,
  type PretrainedFiles,
  type PretrainedOptions,
} from "./models/pretrained.js";
export { Roberta, robertaConfigFrom } from "./models/roberta.js";
export { RobertaForMaskedLM, RobertaForSequenceClassification } from "./models/robertaHeads.js";
export { Vit, type VitConfig, VitForImageClassification, vitConfigFrom } from "./models/vit.js";

// Losses: what training makes small. Shapes are compared strictly, nothing is broadcast.

export { losses };

// Optimisers: what moves parameters by gradients, in place or as pure functions of a state.

export { type Clipped, clipByGlobalNorm } from "./optim/clip.js";
export { Ema, type EmaOptions, ema } from "./optim/ema.js";
export { Optimizer, type OptimizerState } from "./optim/optimizer.js";
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
export type { OptimizerOptions, ParameterGroup } from "./optim/settings.js";
export type { Trainable } from "./optim/targets.js";

// Schedules: factors of the learning rate, as functions of the step; for `fit` or a loop of yours.

export type { Schedule } from "./schedules.js";
export { schedules };

// Initialisers: first values of weights, drawn from a generator that you pass in.

export { init };

// Data: batches in an order that can be stopped and continued.

export { type Collated, collate } from "./data/collate.js";
export { type BatchOf, DataLoader, type LoaderOptions, type LoaderState } from "./data/loader.js";

// Training: the loop of most programs, with validation, early stopping and checkpoints.

export { type CheckpointFile, checkpointFile } from "./fit/checkpointFile.js";
export { type EvaluateOptions, evaluate } from "./fit/evaluate.js";
export { fit } from "./fit/fit.js";
export type {
  BatchFunction,
  Callback,
  Compiler,
  FitOptions,
  FitRecord,
  FitResult,
  Reporter,
  StopReason,
  Validation,
} from "./fit/options.js";
