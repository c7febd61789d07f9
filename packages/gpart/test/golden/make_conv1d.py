"""Writes conv1d.json: what PEFT's methods add to the weight [in, out] of GPT-2's Conv1D layers.

Run with Python 3.11 and `pip install torch==2.13.0 peft==0.21.0 transformers==5.18.0`:
`python packages/gpart/test/golden/make_conv1d.py`. The file is committed; the tests need no Python.
"""
import json
import logging
from pathlib import Path

import numpy as np
import torch
from peft import FourierFTConfig, LoraConfig, VBLoRAConfig, VeraConfig, get_peft_model
from torch import nn
from transformers.pytorch_utils import Conv1D

logging.disable(logging.WARNING)
LAYERS = ["c_attn", "c_proj"]
rng = np.random.default_rng(20261130)


class Two(nn.Module):
    """Two layers of GPT-2 of width 4: c_attn, weight [4, 12], and c_proj, weight [4, 4]."""

    def __init__(self):
        super().__init__()
        self.c_attn = Conv1D(12, 4)
        self.c_proj = Conv1D(4, 4)

    def forward(self, x):
        return torch.cat([self.c_attn(x), self.c_proj(x)], -1)


def draw(*shape):
    return torch.tensor(rng.standard_normal(shape))


def plain(x):
    return {"shape": list(x.shape), "data": x.detach().double().reshape(-1).tolist()}


def case(method, config, options, trained, frozen=()):
    """Sets the trained numbers at random, and notes how merging changes both weights."""
    torch.manual_seed(0)
    base = Two().double()
    before = [getattr(base, x).weight.detach().clone() for x in LAYERS]
    model = get_peft_model(base, config).double()
    own = {}
    for name, p in model.named_parameters():
        for key, ours in trained.items():
            if key in name:
                layer = next((x for x in LAYERS if f".{x}." in name and "bank" not in name), None)
                p.data = draw(*p.shape)
                own[f"{layer}.{ours}" if layer else ours] = plain(p)
    fixed = {ours: plain(get(model)) for ours, get in frozen}
    x = draw(3, 4)
    model.eval()
    y = model(x)
    merged = model.merge_and_unload()
    delta = [getattr(merged, x).weight - w for x, w in zip(LAYERS, before)]
    assert torch.allclose(merged(x), y)
    return {"method": method, "options": options, "trained": own, "frozen": fixed,
            "delta": [plain(d) for d in delta]}


both = {"target_modules": LAYERS}
cases = [
    case("lora", LoraConfig(r=2, lora_alpha=3, fan_in_fan_out=True, **both), {"rank": 2, "alpha": 3},
         {"lora_A": "lora_A", "lora_B": "lora_B"}),
    case("vera", VeraConfig(r=3, fan_in_fan_out=True, **both), {"rank": 3},
         {"vera_lambda_b": "vera_lambda_b", "vera_lambda_d": "vera_lambda_d"},
         [("A", lambda m: m.base_model.vera_A["default"]), ("B", lambda m: m.base_model.vera_B["default"])]),
    case("vbLora", VBLoRAConfig(r=2, num_vectors=5, vector_length=2, topk=3, fan_in_fan_out=True, **both),
         {"rank": 2, "vectors": 5, "vectorLength": 2, "topK": 3},
         {"vblora_logits_A": "vblora_logits_A", "vblora_logits_B": "vblora_logits_B",
          "vblora_vector_bank": "vblora_vector_bank"}),
    case("fourierFt", FourierFTConfig(n_frequency=7, scaling=12, fan_in_fan_out=True, **both),
         {"coefficients": 7, "scaling": 12}, {"fourierft_spectrum": "fourierft_spectrum"},
         [(f"{x}.places", lambda m, x=x: (lambda layer: layer.indices["default"][0] * layer.in_features
                                          + layer.indices["default"][1])(getattr(m.base_model.model, x)))
          for x in LAYERS]),
]
text = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
(Path(__file__).parent / "conv1d.json").write_text(f"[\n{text}\n]\n")
