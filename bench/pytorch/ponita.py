"""The training step of bench/ponita in PyTorch, on one thread: same inputs, same weights, same loss.

Written from the formulas of arXiv 2310.02970 (equations 11-13, appendix), in the form that is fastest in PyTorch: complete
graphs as one array [systems, receiver, sender, orientation, channel]. Debian: python3-torch with libopenblas0-pthread.

    python3 ponita.py case.npz rounds      prints one line of JSON: loss, and milliseconds of each round
"""

import json
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

torch.set_num_threads(1)


def polynomial(x, degree=3):
    """All tensor powers up to `degree`, flattened and joined."""
    powers = [x]
    for _ in range(degree - 1):
        powers.append((powers[-1].unsqueeze(-1) * x.unsqueeze(-2)).flatten(-2))
    return torch.cat(powers, -1)


def basis(w, name, x):
    hidden = F.gelu(F.linear(polynomial(x), w[f"{name}.hidden.weight"], w[f"{name}.hidden.bias"]))
    return F.gelu(F.linear(hidden, w[f"{name}.output.weight"], w[f"{name}.output.bias"]))


def forward(w, positions, scalars, vectors, layers):
    grid = w["grid"]
    orientations = len(grid)
    x = positions[:, None, :, :] - positions[:, :, None, :]  # [b, i, j, 3]: sender minus receiver
    along = x @ grid.T
    across = x.unsqueeze(-2) - along.unsqueeze(-1) * grid
    invariants = torch.stack([along, (across.square().sum(-1) + 1e-12).sqrt()], -1)
    spatial = basis(w, "spatialBasis", invariants)  # [b, i, j, O, B]
    fibre = basis(w, "fibreBasis", (grid @ grid.T).unsqueeze(-1))  # [O, O, B]
    lifted = torch.cat(
        [scalars.unsqueeze(2).expand(-1, -1, orientations, -1), (vectors @ grid.T).transpose(2, 3)], -1
    )
    h = F.linear(lifted, w["embedding.weight"])  # [b, n, O, C]
    total = 0
    for layer in range(layers):
        p = f"blocks.{layer}."
        kernel = F.linear(spatial, w[p + "convolution.spatial.weight"])
        gathered = (kernel * h.unsqueeze(1)).sum(2)
        turn = F.linear(fibre, w[p + "convolution.fibre.weight"])
        y = torch.einsum("bnoc,opc->bnpc", gathered, turn) / orientations + w[p + "convolution.bias"]
        y = F.layer_norm(y, y.shape[-1:], w[p + "norm.weight"], w[p + "norm.bias"], 1e-5)
        y = F.gelu(F.linear(y, w[p + "widen.weight"], w[p + "widen.bias"]))
        h = h + F.linear(y, w[p + "narrow.weight"], w[p + "narrow.bias"])
        total = total + F.linear(h, w[f"readouts.{layer}.weight"], w[f"readouts.{layer}.bias"])
    read = (total / layers)[..., 0]  # one vector: [b, n, O]
    return (read.unsqueeze(-1) * grid).mean(2, keepdim=True)


def main():
    case = {name: torch.from_numpy(value.copy()) for name, value in np.load(sys.argv[1]).items()}
    data = {k: case.pop(k) for k in ("positions", "scalars", "vectors", "targets")}
    targets = data.pop("targets")
    grid = case.pop("grid")
    case.pop("calibrated", None)
    weights = {name: value.requires_grad_() for name, value in case.items()}
    layers = sum(name.startswith("readouts.") and name.endswith("weight") for name in weights)
    optimizer = torch.optim.Adam(weights.values(), lr=1e-3)
    losses, times = [], []
    for _ in range(int(sys.argv[2])):
        start = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss = F.mse_loss(forward({**weights, "grid": grid}, **data, layers=layers), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        times.append(1000 * (time.perf_counter() - start))
    print(json.dumps({"version": torch.__version__, "losses": losses, "ms": times}))


main()
