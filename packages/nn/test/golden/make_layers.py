"""Writes layers.json: values of PyTorch for layers of images, attention and recurrence, with the gradients of
sum(output * cotangent). Run: python3 make_layers.py"""
import json
import pathlib

import torch
from torch import nn

torch.manual_seed(1)
D = torch.float64


def flat(x):
    return {"shape": list(x.shape), "data": x.detach().reshape(-1).tolist()}


def shake(module):
    """Parameters away from ones and zeros."""
    with torch.no_grad():
        for p in module.parameters():
            p.add_(0.3 * torch.randn_like(p))
    return module


def case(module, x, call=None):
    """State before the call, outputs, state after, and gradients of the input and the parameters."""
    module = shake(module.double())
    state = {k: flat(v) for k, v in module.state_dict().items()}
    x = x.clone().requires_grad_()
    outs = (call or (lambda m, x: m(x)))(module, x)
    outs = list(outs) if isinstance(outs, (list, tuple)) else [outs]
    cots = [torch.randn_like(o) for o in outs]
    wanted = [x, *module.parameters()]
    grads = torch.autograd.grad(outs, wanted, cots)
    names = ["x", *[n for n, _ in module.named_parameters()]]
    return {"x": flat(x), "state": state, "outs": [flat(o) for o in outs], "cots": [flat(c) for c in cots],
            "grads": {n: flat(g) for n, g in zip(names, grads)},
            "after": {k: flat(v) for k, v in module.state_dict().items() if "running" in k or "tracked" in k}}


def randn(*shape):
    return torch.randn(*shape, dtype=D)


class RMS(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(n))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.weight


class Turn(nn.Module):
    """Rotary embedding by complex numbers."""

    def forward(self, x):
        n, d = x.shape[-2:]
        angle = torch.arange(n, dtype=D)[:, None] * 10000.0 ** (-torch.arange(d // 2, dtype=D) / (d // 2))
        z = torch.complex(x[..., : d // 2], x[..., d // 2:]) * torch.polar(torch.ones_like(angle), angle)
        return torch.cat([z.real, z.imag], -1)


def batch_norm(x, steps=2, train=True, **options):
    norm = nn.BatchNorm2d(3, **options).double()
    for _ in range(steps - 1):
        norm(randn(*x.shape))
    norm.train(train)
    return case(norm, x)


CAUSAL = torch.triu(torch.ones(5, 5, dtype=torch.bool), 1)  # PyTorch: true where a query does not see a key
PADDED = torch.tensor([[False] * 5, [False, False, False, True, True]])
# Added to scores: (3i − 2j)/4, and −∞ where i + j = 3 mod 4; no future. Every row sees something.
ADDED = torch.tensor([[(3 * i - 2 * j) / 4 if j <= i and (i + j) % 4 != 3 else -torch.inf for j in range(5)]
                      for i in range(5)], dtype=D)
attend = lambda **o: lambda m, x: m(x, x, x, need_weights=False, **o)
other = randn(2, 3, 6)
block = lambda **o: nn.TransformerEncoderLayer(6, 2, 10, 0.0, batch_first=True, **o)
h0, c0 = randn(4, 2, 4), randn(4, 2, 4)

cases = {
    "conv1d": case(nn.Conv1d(3, 4, 3, stride=2, padding=1), randn(2, 3, 7)),
    "conv2d": case(nn.Conv2d(4, 6, (3, 2), padding=(1, 0), dilation=(1, 2), groups=2), randn(2, 4, 5, 6)),
    "convNoBias": case(nn.Conv2d(2, 3, 3, padding="same", bias=False), randn(1, 2, 4, 4)),
    "image": case(nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.AvgPool2d(2, 1),
                                nn.Flatten(), nn.Linear(8, 3)), randn(2, 1, 6, 6)),
    "batchNorm": batch_norm(randn(4, 3, 2, 3)),
    "batchNormMean": batch_norm(randn(4, 3, 2, 2), steps=3, momentum=None),
    "batchNormEval": batch_norm(randn(2, 3, 2, 2), train=False),
    "batchNorm1d": case(nn.BatchNorm1d(3, eps=1e-3, momentum=0.3), randn(5, 3)),
    "groupNorm": case(nn.GroupNorm(2, 4), randn(3, 4, 2, 3)),
    "groupNormVector": case(nn.GroupNorm(3, 6), randn(4, 6)),
    "rmsNorm": case(RMS(5), randn(2, 3, 5)),
    "rotary": case(Turn(), randn(2, 2, 4, 6)),
    "attention": case(nn.MultiheadAttention(6, 2, batch_first=True), randn(2, 5, 6), lambda m, x: attend()(m, x)[0]),
    "attentionCausal": case(nn.MultiheadAttention(6, 3, batch_first=True, bias=False), randn(2, 5, 6),
                            lambda m, x: attend(attn_mask=CAUSAL)(m, x)[0]),
    "attentionPadded": case(nn.MultiheadAttention(6, 2, batch_first=True), randn(2, 5, 6),
                            lambda m, x: attend(key_padding_mask=PADDED, attn_mask=CAUSAL)(m, x)[0]),
    "attentionCross": case(nn.MultiheadAttention(6, 2, batch_first=True), randn(2, 5, 6),
                           lambda m, x: m(x, other, other * 2, need_weights=False)[0]),
    "block": case(block(activation="gelu", norm_first=True), randn(2, 5, 6)),
    "blockPost": case(block(activation="relu"), randn(2, 5, 6),
                      lambda m, x: m(x, src_mask=CAUSAL, src_key_padding_mask=PADDED)),
    "gru": case(nn.GRU(3, 4, batch_first=True), randn(2, 5, 3)),
    "gruDeep": case(nn.GRU(3, 4, 2, bidirectional=True, batch_first=True), randn(2, 5, 3), lambda m, x: m(x, h0)),
    "gruNoBias": case(nn.GRU(3, 4, bias=False, batch_first=True), randn(2, 1, 3)),
    "lstm": case(nn.LSTM(3, 4, batch_first=True), randn(2, 5, 3), lambda m, x: [m(x)[0], *m(x)[1]]),
    "lstmDeep": case(nn.LSTM(3, 4, 2, bidirectional=True, batch_first=True), randn(2, 5, 3),
                     lambda m, x: (lambda o, s: [o, *s])(*m(x, (h0, c0)))),
    "attentionAdded": case(nn.MultiheadAttention(6, 2, batch_first=True), randn(2, 5, 6),
                           lambda m, x: attend(key_padding_mask=PADDED, attn_mask=ADDED)(m, x)[0]),
}
more = {"other": flat(other), "h0": flat(h0), "c0": flat(c0)}
text = json.dumps({"torch": torch.__version__, "more": more, "cases": cases})
pathlib.Path(__file__).with_name("layers.json").write_text(text + "\n")
