"""Writes golden.json: values of PyTorch that the tests of @isograd/nn compare with. Run: python3 make_golden.py"""
import json, pathlib
import torch
from torch.nn import functional as F

torch.manual_seed(0)
D = torch.float64


def flat(x):
    return {"shape": list(x.shape), "data": x.detach().reshape(-1).tolist()}


def trajectory(make, steps=6):
    """Parameters after each step on a fixed quadratic with a sine, so that gradients change."""
    w = torch.tensor([[0.5, -1.0, 2.0], [0.1, 0.0, -0.3]], dtype=D, requires_grad=True)
    b = torch.tensor([1.0, -2.0], dtype=D, requires_grad=True)
    opt = make([w, b])
    out = []
    for _ in range(steps):
        opt.zero_grad()
        loss = (w * w * 0.5 + torch.sin(3 * w)).sum() + ((b - 1) ** 4).sum() * 0.1 + (w.sum(1) * b).sum()
        loss.backward()
        opt.step()
        out.append({"w": flat(w), "b": flat(b)})
    return out


OPTIMISERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
    "sgdMomentum": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=0.01),
    "sgdNesterov": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    "adam": lambda p: torch.optim.Adam(p, lr=0.1),
    "adamDecay": lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.8, 0.95), eps=1e-4, weight_decay=0.1),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.1, weight_decay=0.1),
    "adamwGroups": lambda p: torch.optim.AdamW(
        [{"params": [p[0]]}, {"params": [p[1]], "lr": 0.02, "weight_decay": 0.0}], lr=0.1, weight_decay=0.1
    ),
}


def losses():
    x = torch.randn(4, 3, dtype=D)
    y = torch.randn(4, 3, dtype=D)
    t = torch.tensor([0, 2, 1, 2])
    p = torch.softmax(torch.randn(4, 3, dtype=D), -1)
    p[0] = torch.tensor([0.0, 1.0, 0.0], dtype=D)
    z = torch.tensor([[-200.0, 300.0, 0.5]], dtype=D)
    s = torch.tensor([[1.0, 0.0, 0.25]], dtype=D)
    cases = {}
    for r in ("mean", "sum", "none"):
        cases[f"mse/{r}"] = F.mse_loss(x, y, reduction=r)
        cases[f"l1/{r}"] = F.l1_loss(x, y, reduction=r)
        cases[f"huber/{r}"] = F.huber_loss(x, y, reduction=r, delta=0.7)
        cases[f"crossEntropy/{r}"] = F.cross_entropy(x, t, reduction=r)
        cases[f"crossEntropySmooth/{r}"] = F.cross_entropy(x, t, reduction=r, label_smoothing=0.1)
        weights = torch.linspace(0.25, 1.75, x.shape[-1], dtype=D)
        cases[f"crossEntropyClassWeights/{r}"] = F.cross_entropy(
            x, t, reduction=r, weight=weights, label_smoothing=0.1
        )
        cases[f"crossEntropyIgnore/{r}"] = F.cross_entropy(
            x, t, reduction=r, weight=weights, ignore_index=int(t[0])
        )
        cases[f"crossEntropyIgnoreSmooth/{r}"] = F.cross_entropy(
            x, t, reduction=r, ignore_index=int(t[0]), label_smoothing=0.1
        )
        cases[f"crossEntropySoftWeights/{r}"] = F.cross_entropy(
            x, p, reduction=r, weight=weights, label_smoothing=0.1
        )
        cases[f"crossEntropySoft/{r}"] = F.cross_entropy(x, p, reduction=r)
        cases[f"bce/{r}"] = F.binary_cross_entropy_with_logits(x, p, reduction=r)
        cases[f"bceWeighted/{r}"] = F.binary_cross_entropy_with_logits(
            x, p, reduction=r, pos_weight=torch.tensor(3.0, dtype=D)
        )
        cases[f"bceExtreme/{r}"] = F.binary_cross_entropy_with_logits(z, s, reduction=r)
    cases["kl/mean"] = F.kl_div(F.log_softmax(x, -1), p, reduction="batchmean")
    cases["kl/sum"] = F.kl_div(F.log_softmax(x, -1), p, reduction="sum")
    inputs = {"x": flat(x), "y": flat(y), "t": t.tolist(), "p": flat(p), "z": flat(z), "s": flat(s)}
    return {"inputs": inputs, "cases": {k: flat(v) for k, v in cases.items()}}


def layers():
    x = torch.randn(2, 3, 5, dtype=D)
    linear = torch.nn.Linear(5, 4).double()
    norm = torch.nn.LayerNorm(5, eps=1e-3).double()
    with torch.no_grad():
        norm.weight.copy_(torch.randn(5))
        norm.bias.copy_(torch.randn(5))
    mlp = torch.nn.Sequential(
        torch.nn.Linear(5, 7), torch.nn.GELU(), torch.nn.Linear(7, 2), torch.nn.Sigmoid()
    ).double()
    table = torch.nn.Embedding(6, 3).double()
    ids = torch.tensor([[1, 5], [0, 1]])
    states = {n: {k: flat(v) for k, v in m.state_dict().items()} for n, m in
              {"linear": linear, "norm": norm, "mlp": mlp, "table": table}.items()}
    outs = {"linear": flat(linear(x)), "norm": flat(norm(x)), "mlp": flat(mlp(x)), "table": flat(table(ids))}
    return {"x": flat(x), "ids": ids.tolist(), "states": states, "outs": outs}


def schedule(make, steps):
    w = torch.zeros(1, requires_grad=True)
    opt = torch.optim.SGD([w], lr=1.0)
    sched = make(opt)
    out = []
    for _ in range(steps):
        out.append(opt.param_groups[0]["lr"])
        opt.step()
        sched.step()
    return out


S = torch.optim.lr_scheduler
SCHEDULES = {
    "cosine": schedule(lambda o: S.CosineAnnealingLR(o, T_max=20, eta_min=0.1), 21),
    "step": schedule(lambda o: S.StepLR(o, step_size=4, gamma=0.5), 12),
    "linear": schedule(lambda o: S.LinearLR(o, start_factor=1.0, end_factor=0.2, total_iters=10), 12),
    "oneCycle": schedule(lambda o: S.OneCycleLR(o, max_lr=1.0, total_steps=50, cycle_momentum=False), 50),
}


def clipping():
    g = [torch.tensor([[3.0, -1.0], [0.5, 2.0]], dtype=D), torch.tensor([4.0, 0.0, -2.0], dtype=D)]
    out = {"before": [flat(x) for x in g]}
    for name, limit in {"clipped": 1.0, "free": 100.0}.items():
        params = [torch.zeros_like(x, requires_grad=True) for x in g]
        for p, x in zip(params, g):
            p.grad = x.clone()
        norm = torch.nn.utils.clip_grad_norm_(params, limit)
        out[name] = {"limit": limit, "norm": norm.item(), "after": [flat(p.grad) for p in params]}
    return out


golden = {
    "torch": torch.__version__,
    "optimisers": {name: trajectory(make) for name, make in OPTIMISERS.items()},
    "losses": losses(),
    "layers": layers(),
    "schedules": SCHEDULES,
    "clipping": clipping(),
}
pathlib.Path(__file__).with_name("golden.json").write_text(json.dumps(golden))
