"""Cases of matrix products, einsum, derivative helpers and optimiser steps."""
import numpy as np
import torch
import torch.nn.functional as F

from .core import Family, integers, lattice, ref

MATMUL = [((2, 3), (3, 4)), ((1, 1), (1, 1)), ((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((5, 2, 3), (3, 4)),
          ((5, 2, 3), (5, 3, 4)), ((2, 3), (5, 3, 4)), ((2, 1, 2, 3), (4, 3, 2)), ((3,), (2, 3, 4)), ((2, 2, 3), (3,)),
          ((0, 3), (3, 2)), ((2, 0), (0, 3)), ((2, 3), (3, 0)), ((0, 2, 3), (3, 2)), ((17, 9), (9, 21))]
EINSUM = [("ij,jk->ik", (2, 3), (3, 4)), ("ij,jk", (2, 3), (3, 4)), ("i,i->", (4,), (4,)), ("i,j->ij", (2,), (3,)),
          ("ij->ji", (2, 3)), ("ij->", (2, 3)), ("ij->j", (2, 3)), ("ii->i", (3, 3)), ("ii", (3, 3)),
          ("bij,bjk->bik", (2, 3, 2), (2, 2, 4)), ("bhid,bhjd->bhij", (2, 2, 3, 2), (2, 2, 4, 2)),
          ("...ij,...jk->...ik", (2, 3, 4), (4, 2)), ("ij,ij->i", (2, 3), (2, 3)), ("ijk,kj->i", (2, 3, 4), (4, 3)),
          ("ij,jk,kl->il", (2, 3), (3, 2), (2, 4)), ("a,b,c->abc", (2,), (3,), (2,)), ("...,...->...", (2, 3), (3,)),
          ("i...->...i", (2, 3, 4)), ("nopc,opxc->nxc", (2, 3, 2, 2), (3, 2, 3, 2)), ("ij,j->", (2, 3), (3,)),
          (",i->i", (), (3,)), ("iij->j", (2, 2, 3)), ("ba", (2, 3)), ("ij,jk->ik", (0, 3), (3, 2)),
          ("ij,jk->ik", (2, 0), (0, 3))]


def matmul(family):
    for a, b in MATMUL:
        family.add("matmul", [lattice("matmula", a), lattice("matmulb", b)], [ref(0), ref(1)], np.matmul, torch.matmul)
    family.add("matmul", [integers("matmula", (2, 3), -3, 4), integers("matmulb", (3, 2), -3, 4)], [ref(0), ref(1)],
               np.matmul)


def einsum(family):
    for formula, *layout in EINSUM:
        inputs = [lattice(f"einsum{i}", s) for i, s in enumerate(layout)]
        family.add("einsum", inputs, [formula, *[ref(i) for i in range(len(inputs))]],
                   lambda *x, f=formula: np.einsum(f, *x), lambda *x, f=formula: torch.einsum(f, *x))


def vjp_of(f):
    """The vector-Jacobian product of an elementwise f, differentiable itself."""
    def run(x, g):
        x = x if x.requires_grad else x.clone().requires_grad_()
        y = f(x)
        return torch.autograd.grad(y, x, g, create_graph=True)[0]
    return run


def on_output(f, inverse):
    return lambda y, g: vjp_of(f)(inverse(y), g)


SLOPES = {
    "tanhGrad": (lambda x, g: g / torch.cosh(x) ** 2, -3, 3),
    "sigmoidGrad": (lambda x, g: g * torch.sigmoid(x) * torch.sigmoid(-x), -4, 4),
    "reluGrad": (lambda x, g: torch.where(x > 0, g, torch.zeros_like(g)), -2, 2),
    "geluGrad": (vjp_of(F.gelu), -4, 4),
    "geluTanhGrad": (vjp_of(lambda x: F.gelu(x, approximate="tanh")), -4, 4),
    "siluGrad": (vjp_of(F.silu), -5, 5),
    "softmaxGrad": (lambda y, g: y * (g - (g * y).sum(-1, keepdim=True)), 0.1, 0.9),
    "logSoftmaxGrad": (lambda y, g: g - torch.exp(y) * g.sum(-1, keepdim=True), -2, 0),
}


def slopes(family):
    for name, (theirs, low, high) in SLOPES.items():
        for shape in [(1,), (5,), (2, 3), (0, 2)]:
            x, g = lattice(name, shape, low, high), lattice(f"{name}g", shape)
            numpy = lambda x, g, f=theirs: f(torch.from_numpy(x), torch.from_numpy(g)).detach().numpy()
            # PyTorch has no second derivative of some fused kernels; these are covered by gradient checks.
            second = name not in ("geluGrad", "geluTanhGrad", "siluGrad")
            family.add(name, [x, g], [ref(0), ref(1)], numpy, theirs if second else None)
    for eps in (1e-5, 0.5):
        for shape in [(4,), (2, 3)]:
            x, g = lattice("sg", shape), lattice("sgg", shape)
            theirs = vjp_of(lambda x, e=eps: F.layer_norm(x, x.shape[-1:], eps=e))
            numpy = lambda x, g, f=theirs: f(torch.from_numpy(x), torch.from_numpy(g)).detach().numpy()
            family.add("standardizeGrad", [x, g], [ref(0), ref(1), {"eps": eps}], numpy)


def adam(p, g, m, v, t, lr, betas, eps, decay):
    """One step of torch.optim.AdamW from the state (m, v) after t − 1 steps."""
    w = torch.nn.Parameter(torch.from_numpy(p.copy()))
    w.grad = torch.from_numpy(g.copy())
    opt = torch.optim.AdamW([w], lr=lr, betas=betas, eps=eps, weight_decay=decay)
    opt.state[w] = {"step": torch.tensor(float(t - 1)), "exp_avg": torch.from_numpy(m.copy()),
                    "exp_avg_sq": torch.from_numpy(v.copy())}
    opt.step()
    state = opt.state[w]
    return [w.detach().numpy(), state["exp_avg"].numpy(), state["exp_avg_sq"].numpy()]


def sgd(p, g, b, lr, momentum, nesterov, decay):
    w = torch.nn.Parameter(torch.from_numpy(p.copy()))
    w.grad = torch.from_numpy(g.copy())
    opt = torch.optim.SGD([w], lr=lr, momentum=momentum, nesterov=nesterov, weight_decay=decay)
    opt.state[w]["momentum_buffer"] = torch.from_numpy(b.copy())
    opt.step()
    return [w.detach().numpy(), opt.state[w]["momentum_buffer"].numpy()]


def updates(family):
    for shape in [(), (5,), (2, 3), (0,)]:
        p, g, m, v = (lattice(f"adam{k}", shape) for k in "pgmv")
        for t, decay in ((1, 0.0), (10, 0.125)):
            attrs = {"donate": False, "lr": 0.125, "beta1": 0.875, "beta2": 0.9375, "eps": 1e-8,
                     "correction1": 1 / (1 - 0.875 ** t), "correction2": 1 / (1 - 0.9375 ** t), "weightDecay": decay}
            family.add("adamUpdate", [p, g, m, np.abs(v)], [ref(0), ref(1), ref(2), ref(3), attrs],
                       lambda p, g, m, v, t=t, d=decay: adam(p, g, m, v, t, 0.125, (0.875, 0.9375), 1e-8, d))
        for nesterov, decay in ((False, 0.0), (True, 0.25)):
            attrs = {"donate": False, "lr": 0.125, "momentum": 0.875, "nesterov": nesterov, "weightDecay": decay}
            family.add("sgdUpdate", [p, g, m], [ref(0), ref(1), ref(2), attrs],
                       lambda p, g, b, n=nesterov, d=decay: sgd(p, g, b, 0.125, 0.875, n, d))
        family.add("lerpUpdate", [p, g], [ref(0), ref(1), {"donate": False, "weight": 0.25}],
                   lambda a, b: a + 0.25 * (b - a))


def make():
    families = []
    for name, fill in {"matmul": matmul, "einsum": einsum, "slopes": slopes, "update": updates}.items():
        family = Family(name)
        fill(family)
        families.append(family)
    return families
