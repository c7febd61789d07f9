"""Writes tiny checkpoints of BERT, RoBERTa, GPT-2 and ViT with random weights, under the names of Hugging Face's files, and
models.json: what plain PyTorch functions make of them, with gradients of sum(logits * cotangent). The models are written
from their papers' descriptions with torch.nn.functional only. Run: python3 make_models.py"""
import json
import math
import pathlib
import struct

import torch
import torch.nn.functional as F

torch.manual_seed(5)
D = torch.float64
HERE = pathlib.Path(__file__).parent


def flat(x):
    return {"shape": list(x.shape), "data": x.detach().reshape(-1).tolist()}


def save(name, config, weights):
    """Writes a checkpoint in two files. A safetensors file is a length, JSON, and little-endian numbers."""
    (HERE / f"{name}.config.json").write_text(json.dumps(config, indent=1) + "\n")
    header, blobs, at = {"__metadata__": {"format": "pt"}}, [], 0
    for key, w in weights.items():
        blob = w.detach().contiguous().to(torch.float32).numpy().astype("<f4").tobytes()
        header[key] = {"dtype": "F32", "shape": list(w.shape), "data_offsets": [at, at + len(blob)]}
        at += len(blob)
        blobs.append(blob)
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    (HERE / f"{name}.safetensors").write_bytes(struct.pack("<Q", len(head)) + head + b"".join(blobs))


class Weights(dict):
    """Random weights, drawn on first use; float32 represents them exactly."""

    def get_(self, name, *shape, near=0.0):
        if name not in self:
            w = near + 0.2 * torch.randn(*shape, dtype=D)
            self[name] = w.float().double().requires_grad_()
        return self[name]

    def linear(self, name, x, out, bias=True):
        w = self.get_(f"{name}.weight", out, x.shape[-1])
        return F.linear(x, w, self.get_(f"{name}.bias", out) if bias else None)

    def conv1d(self, name, x, out):
        return x @ self.get_(f"{name}.weight", x.shape[-1], out) + self.get_(f"{name}.bias", out)

    def norm(self, name, x, eps):
        n = x.shape[-1]
        return F.layer_norm(x, (n,), self.get_(f"{name}.weight", n, near=1.0), self.get_(f"{name}.bias", n), eps)

    def table(self, name, ids, count, features):
        return F.embedding(ids, self.get_(f"{name}.weight", count, features))


def attention(q, k, v, heads, mask=None):
    def split(x):
        return x.view(x.shape[0], x.shape[1], heads, -1).transpose(1, 2)

    q, k, v = split(q), split(k), split(v)
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    y = torch.softmax(scores, -1) @ v
    return y.transpose(1, 2).reshape(y.shape[0], y.shape[2], -1)


def gelu_new(x):
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3)))


SIZE = dict(hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12, hidden_act="gelu")


def bert(w, p, c, ids, mask, types, positions):
    h, eps = c["hidden_size"], c["layer_norm_eps"]
    x = w.table(f"{p}embeddings.word_embeddings", ids, c["vocab_size"], h)
    x = x + w.table(f"{p}embeddings.position_embeddings", positions, c["max_position_embeddings"], h)
    x = x + w.table(f"{p}embeddings.token_type_embeddings", types, c["type_vocab_size"], h)
    x = w.norm(f"{p}embeddings.LayerNorm", x, eps)
    seen = None if mask is None else mask.bool()[:, None, None, :]
    for i in range(c["num_hidden_layers"]):
        at = f"{p}encoder.layer.{i}"
        q, k, v = (w.linear(f"{at}.attention.self.{n}", x, h) for n in ("query", "key", "value"))
        y = w.linear(f"{at}.attention.output.dense", attention(q, k, v, c["num_attention_heads"], seen), h)
        x = w.norm(f"{at}.attention.output.LayerNorm", x + y, eps)
        y = F.gelu(w.linear(f"{at}.intermediate.dense", x, c["intermediate_size"]))
        x = w.norm(f"{at}.output.LayerNorm", x + w.linear(f"{at}.output.dense", y, h), eps)
    return x


def case(w, logits, more, names):
    cot = torch.randn_like(logits)
    grads = torch.autograd.grad(logits, [w[n] for n in names], cot)
    return {"logits": flat(logits), "cotangent": flat(cot), "grads": {n: flat(g) for n, g in zip(names, grads)},
            **{k: flat(v) for k, v in more.items()}}


def make_bert():
    c = dict(architectures=["BertForMaskedLM"], model_type="bert", vocab_size=17, max_position_embeddings=10,
             type_vocab_size=2, layer_norm_eps=1e-12, pad_token_id=0, hidden_dropout_prob=0.1,
             attention_probs_dropout_prob=0.1, initializer_range=0.02, id2label={"0": "a", "1": "b", "2": "c"}, **SIZE)
    w = Weights()
    ids = torch.tensor([[1, 5, 9, 16, 2], [1, 7, 2, 0, 0]])
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])
    types = torch.tensor([[0, 0, 1, 1, 1], [0, 0, 0, 0, 0]])
    x = bert(w, "bert.", c, ids, mask, types, torch.arange(5)[None].expand(2, 5))
    pooled = torch.tanh(w.linear("bert.pooler.dense", x[:, 0], 8))
    y = w.norm("cls.predictions.transform.LayerNorm", F.gelu(w.linear("cls.predictions.transform.dense", x, 8)), 1e-12)
    logits = y @ w["bert.embeddings.word_embeddings.weight"].T + w.get_("cls.predictions.bias", 17)
    classes = w.linear("classifier", pooled, 3)
    names = ["bert.embeddings.word_embeddings.weight", "bert.encoder.layer.0.attention.self.query.weight",
             "bert.encoder.layer.1.output.LayerNorm.weight", "cls.predictions.bias"]
    save("bert", c, {**w, "cls.predictions.decoder.weight": w["bert.embeddings.word_embeddings.weight"],
                     "bert.embeddings.position_ids": torch.arange(10.0)[None]})
    return {"ids": ids.tolist(), "mask": mask.tolist(), "types": types.tolist(),
            **case(w, logits, {"hidden": x, "pooled": pooled, "classes": classes}, names)}


def make_roberta():
    c = dict(architectures=["RobertaForMaskedLM"], model_type="roberta", vocab_size=17, max_position_embeddings=10,
             type_vocab_size=1, layer_norm_eps=1e-5, pad_token_id=1, num_labels=3, **SIZE)
    w = Weights()
    ids = torch.tensor([[0, 5, 9, 16, 2], [0, 7, 2, 1, 1]])
    mask = (ids != 1).long()
    # positions count from padding_idx + 1; padding itself has padding_idx
    positions = torch.cumsum(mask, 1) * mask + 1
    x = bert(w, "roberta.", c, ids, mask, torch.zeros_like(ids), positions)
    y = w.norm("lm_head.layer_norm", F.gelu(w.linear("lm_head.dense", x, 8)), 1e-5)
    logits = y @ w["roberta.embeddings.word_embeddings.weight"].T + w.get_("lm_head.bias", 17)
    classes = w.linear("classifier.out_proj", torch.tanh(w.linear("classifier.dense", x[:, 0], 8)), 3)
    names = ["roberta.embeddings.position_embeddings.weight", "roberta.encoder.layer.1.attention.self.value.bias",
             "lm_head.layer_norm.bias"]
    save("roberta", c, w)
    return {"ids": ids.tolist(), "mask": mask.tolist(), **case(w, logits, {"hidden": x, "classes": classes}, names)}


def gpt2(w, c, ids, mask, positions):
    h = c["n_embd"]
    x = w.table("wte", ids, c["vocab_size"], h) + w.table("wpe", positions, c["n_positions"], h)
    n = ids.shape[1]
    seen = torch.ones(n, n, dtype=torch.bool).tril()
    if mask is not None:
        seen = seen & mask.bool()[:, None, None, :]
    for i in range(c["n_layer"]):
        q, k, v = w.conv1d(f"h.{i}.attn.c_attn", w.norm(f"h.{i}.ln_1", x, 1e-5), 3 * h).split(h, -1)
        x = x + w.conv1d(f"h.{i}.attn.c_proj", attention(q, k, v, c["n_head"], seen), h)
        y = gelu_new(w.conv1d(f"h.{i}.mlp.c_fc", w.norm(f"h.{i}.ln_2", x, 1e-5), 4 * h))
        x = x + w.conv1d(f"h.{i}.mlp.c_proj", y, h)
    return w.norm("ln_f", x, 1e-5)


def make_gpt2():
    c = dict(architectures=["GPT2LMHeadModel"], model_type="gpt2", vocab_size=17, n_positions=12, n_embd=8, n_layer=2,
             n_head=2, activation_function="gelu_new", layer_norm_epsilon=1e-5, pad_token_id=0, eos_token_id=16)
    w = Weights()
    ids = torch.tensor([[3, 5, 9, 15, 2], [4, 7, 2, 0, 0]])
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])
    x = gpt2(w, c, ids, mask, torch.arange(5))
    logits = x @ w["wte.weight"].T
    classes = x[torch.arange(2), torch.tensor([4, 2])] @ w.get_("score.weight", 2, 8).T
    # Greedy: runs the whole sequence for each token.
    found = torch.tensor([[3, 5, 9], [4, 7, 2]])
    for _ in range(6):
        y = gpt2(w, c, found, None, torch.arange(found.shape[1]))[:, -1] @ w["wte.weight"].T
        top = y.topk(2).values
        assert (top[:, 0] - top[:, 1]).min() > 1e-3, "a tie"
        found = torch.cat([found, y.argmax(-1, keepdim=True)], 1)
    names = ["wte.weight", "h.0.attn.c_attn.weight", "h.1.mlp.c_proj.weight", "ln_f.weight"]
    buffers = {f"h.{i}.attn.bias": torch.ones(12, 12).tril()[None, None] for i in range(2)}
    save("gpt2", c, {**{k: v for k, v in w.items() if k != "score.weight"}, **buffers})
    return {"ids": ids.tolist(), "mask": mask.tolist(), "greedy": found.tolist(), "score": flat(w["score.weight"]),
            **case(w, logits, {"hidden": x, "classes": classes}, names)}


def make_vit():
    c = dict(architectures=["ViTForImageClassification"], model_type="vit", image_size=8, patch_size=4, num_channels=2,
             layer_norm_eps=1e-12, qkv_bias=True, id2label={"0": "a", "1": "b", "2": "c"}, **SIZE)
    w = Weights()
    images = torch.randn(3, 2, 8, 8, dtype=D)
    kernel, bias = (w.get_(f"vit.embeddings.patch_embeddings.projection.{n}", *s)
                    for n, s in (("weight", (8, 2, 4, 4)), ("bias", (8,))))
    # Patches row by row: each [channel, y, x] times the flattened kernel.
    patches = images.view(3, 2, 2, 4, 2, 4).permute(0, 2, 4, 1, 3, 5).reshape(3, 4, 32)
    x = patches @ kernel.view(8, 32).T + bias
    x = torch.cat([w.get_("vit.embeddings.cls_token", 1, 1, 8).expand(3, 1, 8), x], 1)
    x = x + w.get_("vit.embeddings.position_embeddings", 1, 5, 8)
    for i in range(2):
        at = f"vit.encoder.layer.{i}"
        y = w.norm(f"{at}.layernorm_before", x, 1e-12)
        q, k, v = (w.linear(f"{at}.attention.attention.{n}", y, 8) for n in ("query", "key", "value"))
        x = x + w.linear(f"{at}.attention.output.dense", attention(q, k, v, 2), 8)
        y = F.gelu(w.linear(f"{at}.intermediate.dense", w.norm(f"{at}.layernorm_after", x, 1e-12), 12))
        x = x + w.linear(f"{at}.output.dense", y, 8)
    x = w.norm("vit.layernorm", x, 1e-12)
    logits = w.linear("classifier", x[:, 0], 3)
    names = ["vit.embeddings.patch_embeddings.projection.weight", "vit.embeddings.cls_token",
             "vit.encoder.layer.0.attention.attention.key.weight", "classifier.weight"]
    save("vit", c, w)
    return {"images": flat(images), **case(w, logits, {"hidden": x}, names)}


made = {"bert": make_bert(), "roberta": make_roberta(), "gpt2": make_gpt2(), "vit": make_vit()}
(HERE / "models.json").write_text(json.dumps(made))
