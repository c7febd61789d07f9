/** What programs on the site find without an import. */
declare const plot: typeof import("./plot.js").plot;
