/**
 * @file Diffusion of point clouds in EDM's form: what the network sees, the loss, Heun's sampler.
 * Clouds are [b, n, 3] with their centre at 0. Knows no network. Source: Karras et al., arXiv
 * 2206.00364.
 */
import { noGrad } from "@isograd/autograd";
import { exp, mean, type Rng, reshape, scope, sub, type Tensor, tensor } from "@isograd/tensor";

/** Standard deviation of the coordinates, to which data are scaled. */
export const SIGMA_DATA = 0.5;

/** F(c_in x, c_noise): clouds [b, n, 3] and noise levels [b] to clouds. */
export type Network = (scaled: Tensor, level: Tensor) => Tensor;

/** Clouds moved so that each has its centre at 0. */
export function centred(x: Tensor): Tensor {
  return sub(x, mean(x, { axis: 1, keepdims: true }));
}

/** Gaussian noise with its centre at 0, since centres carry no information. */
export function centredNoise(shape: readonly number[], random: Rng, dtype?: "float64"): Tensor {
  return centred(random.normal(shape, dtype ? { dtype } : {}));
}

/**
 * The denoiser `D(x; σ) = c_skip x + c_out F(c_in x; c_noise)` with `c_skip = σ_d²/(σ² + σ_d²)`,
 * `c_out = σ σ_d/√(σ² + σ_d²)`, `c_in = 1/√(σ² + σ_d²)`, `c_noise = ln(σ)/4`. The centre of F's
 * output is subtracted.
 *
 * @param sigma [b]
 */
export function denoise(network: Network, x: Tensor, sigma: Tensor): Tensor {
  const each = (values: Tensor): Tensor => reshape(values, [-1, 1, 1]);
  const total = sigma.square().add(SIGMA_DATA ** 2);
  const said = network(x.mul(each(total.rsqrt())), sigma.log().mul(0.25));
  const skip = each(total.reciprocal().mul(SIGMA_DATA ** 2));
  const out = each(sigma.mul(SIGMA_DATA).mul(total.rsqrt()));
  return skip.mul(x).add(out.mul(centred(said)));
}

/**
 * Mean of `λ(σ) ‖D(y + σ n; σ) − y‖²` over clouds and coordinates, `ln σ ~ N(−1.2, 1.2²)`,
 * `λ = (σ² + σ_d²)/(σ σ_d)²`.
 */
export function diffusionLoss(network: Network, clean: Tensor, random: Rng): Tensor {
  const [b = 0] = clean.shape;
  const sigma = exp(random.normal([b]).mul(1.2).sub(1.2));
  const noise = centredNoise(clean.shape, random);
  const noisy = clean.add(noise.mul(reshape(sigma, [b, 1, 1])));
  const squared = sub(denoise(network, noisy, sigma), clean)
    .square()
    .mean({ axis: [1, 2] });
  const weight = sigma
    .square()
    .add(SIGMA_DATA ** 2)
    .div(sigma.mul(SIGMA_DATA).square());
  return mean(squared.mul(weight));
}

export interface SamplerOptions {
  /** Default: 40. */
  readonly steps?: number;
  /** Noise from 80 down to 0.002, evenly in the power 1/ρ with ρ = 7 (all defaults). */
  readonly sigmaMax?: number;
  readonly sigmaMin?: number;
  readonly rho?: number;
}

/** Noise levels from the largest down to 0. */
export function noiseLevels(options: SamplerOptions = {}): number[] {
  const { steps = 40, sigmaMax = 80, sigmaMin = 0.002, rho = 7 } = options;
  const [high, low] = [sigmaMax ** (1 / rho), sigmaMin ** (1 / rho)];
  const level = (i: number): number => (high + (i / Math.max(steps - 1, 1)) * (low - high)) ** rho;
  return [...Array.from({ length: steps }, (_, i) => level(i)), 0];
}

/**
 * Samples from noise by Heun's method on `dx/dσ = (x − D(x; σ))/σ`. It is deterministic: with an
 * equivariant network, rotated noise gives rotated samples.
 *
 * @param noise centred, of standard deviation 1 [b, n, 3]
 */
export function sample(network: Network, noise: Tensor, options: SamplerOptions = {}): Tensor {
  const levels = noiseLevels(options);
  const [b = 0] = noise.shape;
  const slope = (x: Tensor, sigma: number): Tensor => {
    const level = tensor(new Float64Array(b).fill(sigma), { dtype: x.dtype as "float32" });
    return sub(x, denoise(network, x, level)).div(sigma);
  };
  return noGrad(() => {
    let x = noise.mul(levels[0]!);
    for (let i = 0; i + 1 < levels.length; i++) {
      const [here, next] = [levels[i]!, levels[i + 1]!];
      x = scope(() => {
        const first = slope(x, here);
        const moved = x.add(first.mul(next - here));
        if (next === 0) return moved;
        return x.add(first.add(slope(moved, next)).mul((next - here) / 2));
      });
    }
    return x;
  });
}
