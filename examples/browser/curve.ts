/**
 * @file The loss curve: training and test error against steps on a logarithmic axis, drawn live.
 */
import uPlot from "uplot";

/** The most points kept; beyond, older ones are thinned out. */
const MOST = 4000;

/** A curve that grows. */
export interface Curve {
  step(step: number, loss: number): void;
  tested(step: number, error: number): void;
  clear(): void;
}

/** Steps, smoothed training losses, test errors where there was a test. */
type Columns = [steps: number[], losses: number[], errors: (number | null)[]];

/** Keeps every other point of the older half when there are too many. */
function thinned([steps, losses, errors]: Columns): Columns {
  const n = steps.length;
  if (n <= MOST) return [steps, losses, errors];
  const kept = <T>(column: T[]): T[] => column.filter((_, i) => i > n / 2 || i % 2 === 0);
  return [kept(steps), kept(losses), kept(errors)];
}

/** Draws into `parent` and follows its width. */
export function lossCurve(parent: HTMLElement): Curve {
  let columns: Columns = [[], [], []];
  let smooth = Number.NaN;
  const plot = new uPlot(
    {
      width: parent.clientWidth,
      height: 260,
      scales: { x: { time: false }, y: { distr: 3 } },
      legend: { live: false },
      axes: [{ label: "step" }, { label: "mean squared error", size: 64 }],
      series: [
        { label: "step" },
        { label: "training (smoothed)", stroke: "#3b6fd4", width: 1.5, points: { show: false } },
        { label: "test", stroke: "#d4543b", width: 2, spanGaps: true, points: { size: 5 } },
      ],
    },
    columns,
    parent,
  );
  // At most once a frame, however fast the steps come.
  let due = false;
  const draw = (): void => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      plot.setData(columns);
    });
  };
  new ResizeObserver(() => plot.setSize({ width: parent.clientWidth, height: 260 })).observe(
    parent,
  );
  return {
    step(step, loss) {
      smooth = Number.isNaN(smooth) ? loss : 0.95 * smooth + 0.05 * loss;
      columns = thinned(columns);
      columns[0].push(step);
      columns[1].push(smooth);
      columns[2].push(null);
      draw();
    },
    tested(step, error) {
      const at = columns[0].lastIndexOf(step);
      if (at < 0) return;
      columns[2][at] = error;
      draw();
    },
    clear() {
      columns = [[], [], []];
      smooth = Number.NaN;
      draw();
    },
  };
}
