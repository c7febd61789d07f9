/** @file The benchmark: Isograd beside other libraries. */
console.log("bench");
