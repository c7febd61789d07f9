/**
 * @file Which of the public tests of the array API standard fail here, and why: read by the page of
 * ops and by `npm run array-api`.
 */

/** Tests that fail for one reason. */
interface Deviation {
  /** A regular expression over the names of tests. */
  readonly tests: string;
  /** The tests in words. */
  readonly what: string;
  /** How many there are in the version 2024.12; 0 if only later ones have them. */
  readonly count: number;
  readonly why: string;
}

/** The other tests, for 2024.12: those skipped need complex numbers or a later version. */
export const counts = { passed: 1148, skipped: 17 };

/** What fails. */
export const deviations: readonly Deviation[] = [
  {
    tests: "test_special_cases\\.py::.*(real|imag)\\(",
    what: "special values of functions of complex numbers",
    count: 128,
    why: "there are no complex numbers",
  },
  {
    tests:
      "test_special_cases\\.py::.*floor_?div.*(infinity and isfinite\\(x2_i\\)|x1_i > 0 and x2_i is -inf|x1_i < 0 and x2_i is \\+inf)",
    what: "`floor_divide` and `//` with ±∞",
    count: 18,
    why: "as Python and NumPy: ∞ by a number is NaN, a number by an ∞ of the other sign −1",
  },
  {
    tests: "signbit\\(x_i is -NaN\\)",
    what: "`signbit(−NaN)`",
    count: 1,
    why: "JavaScript does not keep the sign of NaN",
  },
  {
    tests: "test_unary\\[sign\\(\\(x_i is -0",
    what: "`sign(−0)`: fails when an example holds −0",
    count: 1,
    why: "`sign` keeps the sign of zero",
  },
  {
    tests: "test_fft\\.py::test_(i?r?fftn?|i?hfft)$",
    what: "`fft`, `ifft`, `rfft`, … , `hfft`, `ihfft`",
    count: 10,
    why: "complex results are pairs `{ re, im }` of real tensors; the tests want complex dtypes",
  },
  {
    tests: "test_linalg\\.py::test_(linalg_)?vecdot(_conj)?$",
    what: "`vecdot`",
    count: 3,
    why: "the tests call `conj`, which only complex numbers need",
  },
  {
    tests: "dlpack",
    what: "`from_dlpack`, `__dlpack__`, `__dlpack_device__`: names, signatures, values",
    count: 9,
    why: "DLPack has no form in JavaScript",
  },
  {
    tests: "\\[(elementwise-)?(conj|imag|real)\\]$",
    what: "`conj`, `imag`, `real`: names, signatures",
    count: 6,
    why: "there are no complex numbers",
  },
  {
    tests: "test_array_method_signature\\[__(index|int|lshift|rshift)__\\]|::test_unique_values$",
    what: "signatures of `__int__`, `__index__`, `<<`, `>>`; `unique_values`",
    count: 5,
    why: "the tests make arrays of int64 or uint8, and int32 is the only integer dtype",
  },
  {
    tests: "test_array_object\\.py::test_(get|set)item_masking$",
    what: "reading and writing under a mask without axes",
    count: 2,
    why: "`x.at(mask)` takes no mask without axes (a single true or false)",
  },
  {
    tests: "\\[linalg[-.]eig(vals)?\\]$|test_linalg\\.py::test_eig(vals)?$",
    what: "`linalg.eig`, `linalg.eigvals`",
    count: 0,
    why: "eigenvalues are complex, and there are no complex numbers",
  },
];
