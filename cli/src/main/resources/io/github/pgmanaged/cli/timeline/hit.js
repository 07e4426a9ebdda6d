// ---- hit.js: what is under the pointer. ----

// What is at a point: { mark }, { lease, waiting }, { crowd, lane, from, to }, { time } or null.
function hit(chart, x, y) {
  if (x < GUTTER || x > GUTTER + chart.plotWidth) {
    return null;
  }
  const time = chart.time(x);
  const row = Math.floor((y - AXIS - QUEUE - 3) / MARK_ROW);
  if (y < chart.lanesTop) {
    return row >= 0 && row < chart.kinds.length ? hitMark(chart, chart.kinds[row], time) : { time };
  }
  const lane = Math.floor((y - chart.lanesTop + chart.scrolled) / LANE);
  return lane < chart.history.lanes.length ? hitLane(chart, lane, time) : null;
}

function hitMark(chart, kind, time) {
  const marks = chart.history.marksOfKind[kind];
  const at = i => chart.history.markAt[marks[i]];
  const next = firstNot(i => at(i) < time, 0, marks.length);
  const near = [next - 1, next].filter(i => i >= 0 && i < marks.length && Math.abs(at(i) - time) <= 8 * chart.pixel);
  near.sort((one, other) => Math.abs(at(one) - time) - Math.abs(at(other) - time));
  return near.length > 0 ? { mark: marks[near[0]] } : { time };
}

function hitLane(chart, lane, time) {
  const { history } = chart;
  const reach = 2 * chart.pixel;
  const i = history.firstInLane(lane, time - reach);
  const near = [];
  for (let j = i; j < history.laneFrom[lane + 1] && history.start[history.inLane[j]] <= time + reach; j++) {
    near.push(history.inLane[j]);
  }
  const holding = near.filter(lease => history.start[lease] <= time && time <= history.end[lease]);
  if (near.length > 1 && chart.detailDrawn !== "single") {
    return { crowd: near.length, lane, from: history.start[near[0]], to: history.end[near[near.length - 1]] };
  }
  if (near.length > 0) {
    const far = lease => Math.max(history.start[lease] - time, time - history.end[lease], 0);
    near.sort((one, other) => far(one) - far(other));
    return { lease: holding.length > 0 ? holding[0] : near[0] };
  }
  const next = i < history.laneFrom[lane + 1] ? history.inLane[i] : -1;
  return next >= 0 && history.asked(next) <= time ? { lease: next, waiting: true } : { time };
}
