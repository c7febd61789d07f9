/** @file The tour: everything that Isograd does, on one simulated system. */
console.log("tour");
