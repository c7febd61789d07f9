"""Writes transformers.json: tiny checkpoints that transformers 5 made or changed, and what transformers computes from them.
Each case has config.json, the weights as base64, our class, the inputs, and logits or other outputs in float64; activations
has the values of ACT2FN on a grid.

    python3 -m venv v && v/bin/pip install torch transformers && v/bin/python make_transformers.py
"""
import base64
import json
import pathlib
import tempfile

import torch
import transformers as hf
from safetensors.torch import load_file, save_file
from transformers.activations import ACT2FN

hf.logging.set_verbosity_error()
torch.manual_seed(7)
TEXT = dict(vocab_size=7, hidden_size=4, num_hidden_layers=2, num_attention_heads=2, intermediate_size=6)
IDS = [[2, 5, 6, 3], [2, 4, 3, 3]]
OURS = {"BertForMaskedLM": "BertForMaskedLM", "RobertaForMaskedLM": "RobertaForMaskedLM", "RobertaModel": "Roberta",
        "GPT2LMHeadModel": "Gpt2ForCausalLM", "GPT2ForSequenceClassification": "Gpt2ForSequenceClassification",
        "ViTModel": "Vit", "BertModel": "Bert"}


def flat(x):
    return {"shape": list(x.shape), "data": x.detach().double().reshape(-1).tolist()}


def case(name, model, change=lambda config, weights: None, tolerance=1e-9, **load):
    """Saves a model with random weights, changes the files, loads them with transformers, and runs the result."""
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(0.4 * torch.randn_like(p))
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        model.save_pretrained(folder)
        weights = load_file(folder / "model.safetensors")
        config = json.loads((folder / "config.json").read_text())
        change(config, weights)
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
        (folder / "config.json").write_text(json.dumps(config))
        again = type(model).from_pretrained(folder, **load).eval()
        if tolerance < 1e-6:
            again = again.double()
        kind = type(model).__name__
        if kind == "ViTModel":
            inputs = torch.linspace(-1, 1, 2 * 3 * 4 * 4).reshape(2, 3, 4, 4)
            out = again(inputs.to(again.dtype)).pooler_output
            given = flat(inputs)
        else:
            given = IDS
            result = again(input_ids=torch.tensor(IDS))
            out = result.last_hidden_state if kind in ("BertModel", "RobertaModel") else result.logits
        data = (folder / "model.safetensors").read_bytes()
    return {"name": name, "class": OURS[kind], "config": config, "weights": base64.b64encode(data).decode(),
            "inputs": given, "outputs": flat(out), "tolerance": tolerance}


def tied(config, weights):
    config["tie_word_embeddings"] = True


def bias_only(config, weights):
    tied(config, weights)
    del weights["cls.predictions.decoder.weight"]


def without(*names):
    def change(config, weights):
        for name in names:
            del config[name]
    return change


def renamed(**names):
    def change(config, weights):
        for new, old in names.items():
            config[new] = config.pop(old)
    return change


def gpt2(**more):
    return hf.GPT2Config(vocab_size=7, n_embd=4, n_layer=2, n_head=2, n_positions=8, eos_token_id=1, bos_token_id=1, **more)


def bert(**more):
    return hf.BertConfig(**TEXT, max_position_embeddings=8, **more)


def roberta(**more):
    return hf.RobertaConfig(**TEXT, **more)


def cases():
    yield case("BERT, untied", hf.BertForMaskedLM(bert(tie_word_embeddings=False)))
    yield case("BERT, tied in the config, untied in the file", hf.BertForMaskedLM(bert(tie_word_embeddings=False)), tied)
    yield case("BERT, tied, with two biases", hf.BertForMaskedLM(bert(tie_word_embeddings=False)), bias_only)
    yield case("BERT, quick_gelu", hf.BertModel(bert(hidden_act="quick_gelu")))
    yield case("RoBERTa, untied", hf.RobertaForMaskedLM(roberta(tie_word_embeddings=False, max_position_embeddings=8)))
    yield case("RoBERTa, tied in the config, untied in the file",
               hf.RobertaForMaskedLM(roberta(tie_word_embeddings=False, max_position_embeddings=8)), tied)
    yield case("RoBERTa, defaults of transformers", hf.RobertaModel(roberta(max_position_embeddings=512)),
               without("layer_norm_eps", "type_vocab_size", "max_position_embeddings", "pad_token_id"))
    yield case("GPT-2, tied in the config, untied in the file", hf.GPT2LMHeadModel(gpt2(tie_word_embeddings=False)), tied)
    yield case("GPT-2, untied", hf.GPT2LMHeadModel(gpt2(tie_word_embeddings=False)))
    yield case("GPT-2, scores not scaled", hf.GPT2LMHeadModel(gpt2(scale_attn_weights=False)))
    yield case("GPT-2, scores by layer", hf.GPT2LMHeadModel(gpt2(scale_attn_by_inverse_layer_idx=True)))
    yield case("GPT-2, scores by layer alone",
               hf.GPT2LMHeadModel(gpt2(scale_attn_by_inverse_layer_idx=True, scale_attn_weights=False)))
    yield case("GPT-2, upcast attention", hf.GPT2LMHeadModel(gpt2(reorder_and_upcast_attn=True)), tolerance=1e-5,
               attn_implementation="eager")
    yield case("GPT-2, general names of sizes", hf.GPT2LMHeadModel(gpt2()),
               renamed(hidden_size="n_embd", num_hidden_layers="n_layer", num_attention_heads="n_head",
                       max_position_embeddings="n_positions"))
    config = gpt2(pad_token_id=3, id2label={0: "a", 1: "b", 2: "c"})
    yield case("GPT-2, labels by id2label", hf.GPT2ForSequenceClassification(config))
    yield case("GPT-2, labels by num_labels", hf.GPT2ForSequenceClassification(config),
               lambda config, weights: config.update(num_labels=3, id2label={"0": "a"}))
    vit = dict(hidden_size=4, num_hidden_layers=1, num_attention_heads=2, intermediate_size=6, patch_size=2)
    yield case("ViT, another pooler", hf.ViTModel(hf.ViTConfig(**vit, image_size=4, pooler_act="relu", pooler_output_size=3)))
    yield case("ViT, sides as pairs", hf.ViTModel(hf.ViTConfig(**vit, image_size=4)),
               lambda config, weights: config.update(image_size=[4, 4], patch_size=[2, 2]))


grid = torch.linspace(-12, 12, 97, dtype=torch.float64)
known = [name for name in ACT2FN if name not in ("prelu", "xielu", "laplace", "sqrtsoftplus")]
result = {
    "versions": {"transformers": hf.__version__, "torch": torch.__version__},
    "cases": list(cases()),
    "grid": grid.tolist(),
    "activations": {name: ACT2FN[name](grid).tolist() for name in known},
}
path = pathlib.Path(__file__).parent / "transformers.json"
path.write_text(json.dumps(result) + "\n")
