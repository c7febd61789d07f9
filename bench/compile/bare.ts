/**
 * @file What a program costs beside its kernels: the calls that one run makes are noted, and made again
 * one after the other from JavaScript, with their numbers in the source. They are the program's own
 * calls, strip for strip, in its memory. Each takes the way from JavaScript into WebAssembly, 20 to 100
 * ns, which the program does not take: so a program of many short strips may take less than its kernels.
 */

type Kernel = (...numbers: number[]) => unknown;
type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

interface Built {
  readonly module: WebAssembly.Module;
  readonly imports: Imports;
  readonly run: () => number;
}

/** The run of a program alone, and its kernels' calls alone. */
export interface Bare {
  readonly program: () => void;
  readonly kernels: () => void;
  /** Kernel calls of one run. */
  readonly calls: number;
}

/** Notes each program that is built until `stop` is called. */
function watchBuilds(): { readonly found: Built[]; stop(): void } {
  const found: Built[] = [];
  const { Instance } = WebAssembly;
  WebAssembly.Instance = new Proxy(Instance, {
    construct(target, [module, imports]: [WebAssembly.Module, Imports]) {
      const instance = new target(module, imports as WebAssembly.Imports);
      // what programs import beside the kernels
      if (imports?.["crew"] !== undefined && imports["host"] !== undefined) {
        found.push({ module, imports, run: instance.exports["run"] as () => number });
      }
      return instance;
    },
  });
  return {
    found,
    stop() {
      WebAssembly.Instance = Instance;
    },
  };
}

/** Statements of one function: more, and V8 no longer compiles it well. */
const CHUNK = 64;

/** A loop over calls, unrolled. */
function unrolled(calls: readonly (readonly [Kernel, readonly number[]])[]): () => void {
  const kernels = [...new Set(calls.map(([kernel]) => kernel))];
  const names = kernels.map((_, i) => `k${i}`);
  const parts: (() => void)[] = [];
  for (let i = 0; i < calls.length; i += CHUNK) {
    const lines = calls.slice(i, i + CHUNK).map(([kernel, numbers]) => {
      const args = numbers.map((x) => (Object.is(x, -0) ? "-0" : String(x)));
      return `${names[kernels.indexOf(kernel)]}(${args.join(", ")});`;
    });
    parts.push(new Function(...names, `return () => { ${lines.join("\n")} };`)(...kernels));
  }
  return () => {
    for (const part of parts) part();
  };
}

/**
 * Builds a program by `build`, then makes its runs and its kernels callable. What `build` returns has
 * to stay alive: both write to the memory of the last call's results.
 */
export function bareOf(build: () => void): Bare | null {
  const { found, stop } = watchBuilds();
  try {
    build();
  } finally {
    stop();
  }
  const last = found.at(-1);
  if (last === undefined) return null;
  const calls: [Kernel, readonly number[]][] = [];
  const noting = (kernels: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(
      WebAssembly.Module.imports(last.module)
        .filter(({ name }) => typeof kernels[name] === "function")
        .map(({ name }) => {
          const kernel = kernels[name] as Kernel;
          const noted: Kernel = (...numbers) => {
            calls.push([kernel, numbers]);
            return kernel(...numbers);
          };
          return [name, noted];
        }),
    );
  const { core = {}, math = {}, crew = {}, host = {} } = last.imports;
  const own = { core: noting(core), math: noting(math), crew: noting(crew), host: noting(host) };
  const instance = new WebAssembly.Instance(last.module, {
    ...last.imports,
    ...own,
  } as WebAssembly.Imports);
  (instance.exports["run"] as () => number)();
  return { program: () => void last.run(), kernels: unrolled(calls), calls: calls.length };
}
