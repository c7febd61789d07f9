/** @file The groups of the ops in the root's list of names, by the files in which they stand. */

/** Title, sentence, files below src/ops. The pages of the API show them in this order. */
const GROUPS = [
  ["Creation", "new tensors from numbers, ranges and shapes.", /^creation/],
  [
    "Arithmetic",
    "two tensors, element by element, broadcast.",
    /^elementwise\/(binary|quotients)|^special\/next/,
  ],
  ["Elementwise functions", "each element by itself.", /^elementwise\/(unary|cast|powers|finite)/],
  ["Special functions", "gamma, inverse error and other functions.", /^special/],
  ["Comparison and logic", "results are bool; `where` chooses.", /^elementwise\/compare/],
  ["Bits", "integers, bit by bit.", /^elementwise\/bits/],
  [
    "Reductions",
    "along axes, or over everything.",
    /^(reduce|deviation|define\/reduction|statistics\/skipping)/,
  ],
  ["Statistics", "quantiles, counts, covariances, areas.", /^statistics/],
  ["Running values and differences", "along one axis.", /^(difference|index\/running)/],
  ["Shapes and axes", "the same elements in other places.", /^shape/],
  ["Indexing", "elements at places given by tensors.", /^index\/(add|at|segment|take|write)/],
  ["Order and counts", "sorting, searching, sets.", /^index\/(order|count|isin)/],
  ["Products", "of vectors and matrices, and sums over indices.", /^(matmul|product)/],
  ["Linear algebra", "of a matrix, or of each in a batch.", /^linalg/],
  ["Fourier transforms", "pairs of real and imaginary parts.", /^fft/],
  ["Networks", "softmax, norms, attention.", /^(normalize|attention|nets\/standardize)/],
  ["Convolution and pooling", "windows over signals and images.", /^(nets\/)?window/],
  ["Dtypes of results", "what dtypes can hold and become.", /^dtypeInfo/],
];

/** The title of the group of a file below src/ops, and where it comes. */
export function groupOf(path) {
  const file = path.replace(/^ops\//, "");
  const at = GROUPS.findIndex(([, , files]) => files.test(file));
  if (at < 0) throw new Error(`${file}: give it a group in scripts/api/groups.mjs`);
  const [title, sentence] = GROUPS[at];
  return { at, head: `// ${title}: ${sentence}` };
}
