/** @file The kernels of the peaks in WGSL. */
import { CHAINS, COPIED, type Kernels, THREADS, TURNS, total, turn } from "./measure.js";

const GROUP = 256;

const COPY = `
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> b: array<vec4f>;
@compute @workgroup_size(${GROUP})
fn main(@builtin(global_invocation_id) id: vec3u) { b[id.x] = a[id.x]; }`;

const start = (i: number): string => `var s${i} = x + ${i}.0;`;
const MULTIPLY = `
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> b: array<vec4f>;
@compute @workgroup_size(${GROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let x = a[id.x];
  let m = x * 0.5 + 0.25;
  ${Array.from({ length: CHAINS }, (_, i) => start(i)).join("\n")}
  for (var i = 0; i < ${TURNS}; i++) {
    ${turn((s) => `fma(${s}, m, x)`)}
  }
  b[id.x] = ${total};
}`;

export async function webGpuKernels(): Promise<Kernels> {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new Error("there is no WebGPU adapter");
  const device = await adapter.requestDevice();
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
  const buffer = () => device.createBuffer({ size: COPIED * 4, usage });
  const [from, to] = [buffer(), buffer()];
  const launcher = (code: string, threads: number) => {
    const pipeline = device.createComputePipeline({
      layout: "auto",
      compute: { module: device.createShaderModule({ code }) },
    });
    const entries = [from, to].map((buffer, binding) => ({ binding, resource: { buffer } }));
    const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    return () => {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(threads / GROUP);
      pass.end();
      device.queue.submit([encoder.finish()]);
    };
  };
  device.pushErrorScope("validation");
  const [copy, multiply] = [launcher(COPY, COPIED / 4), launcher(MULTIPLY, THREADS)];
  copy();
  multiply();
  const error = await device.popErrorScope();
  if (error !== null) throw new Error(`a kernel of the peaks is not valid: ${error.message}`);
  return {
    copy,
    multiply,
    async finish() {
      const staging = device.createBuffer({
        size: 4,
        usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      });
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(to, 0, staging, 0, 4);
      device.queue.submit([encoder.finish()]);
      await staging.mapAsync(GPUMapMode.READ);
      staging.destroy();
    },
  };
}
