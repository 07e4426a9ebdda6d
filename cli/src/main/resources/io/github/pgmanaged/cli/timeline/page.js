// ---- page.js: what the user does, and what the page says. ----

const element = id => document.getElementById(id);
const canvas = element("chart");
const scroll = element("scroll");
const chart = new Chart(canvas);
let current; // the history that is shown
let asked = false; // for a frame

// A frame, soon; many wishes are one frame.
function redraw() {
  if (!asked) {
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      chart.scrolled = scroll.scrollTop;
      chart.draw();
      report();
    });
  }
}

// The state, for those who cannot see the picture.
function report() {
  const detail = chart.detailDrawn instanceof Level ? "level" : chart.detailDrawn;
  Object.assign(canvas.dataset, {
    ready: "true",
    from: Math.round(chart.from * 100), // nanoseconds
    to: Math.round(chart.to * 100),
    detail,
    operations: chart.operations,
    frames: Number(canvas.dataset.frames || 0) + 1,
    lanes: chart.lanesDrawn.join("-"),
    lanesTop: chart.lanesTop,
    laneHeight: LANE,
    plotLeft: GUTTER,
    plotWidth: chart.plotWidth,
  });
  canvas.setAttribute("aria-label", `Timeline of ${count(current.allLeases)} leases of ${current.lanes.length} threads,`
    + ` from ${duration(chart.from)} to ${duration(chart.to)} after the beginning`);
}

function fit() {
  if (!current) {
    return;
  }
  chart.resize(scroll.clientWidth, scroll.clientHeight);
  element("spacer").style.height = `${Math.max(0, chart.fullHeight - scroll.clientHeight)}px`;
  redraw();
}

function relight() {
  chart.readLook();
  element("legend").replaceChildren(...legend(chart.look, current));
  redraw();
}

// ---- What things are, in words ----

function describe(what) {
  if (what.mark !== undefined) {
    return describeMark(what.mark);
  }
  if (what.lease !== undefined) {
    return describeLease(what.lease, what.waiting);
  }
  if (what.crowd !== undefined) {
    return `${current.lanes[what.lane]}: ${count(what.crowd)} leases within ${duration(what.to - what.from)}.`
      + " Click to zoom in.";
  }
  const depth = current.isPartial ? "" : `, ${current.depthAt(what.time)} waiting`;
  return `+${moment(what.time)} (${clock(current, what.time)} UTC)${depth}`;
}

function describeLease(lease, waiting) {
  const held = duration(current.end[lease] - current.start[lease]);
  const waited = current.waited[lease] > 0 ? `waited ${duration(current.waited[lease])}` : "did not wait";
  const opened = current.opening[lease] > 0 ? `, opening took ${duration(current.opening[lease])}` : "";
  return `${current.lanes[current.lane[lease]]} ${waiting ? "waited here, then held" : "held"} the connection for ${held},`
    + ` from +${moment(current.start[lease])} (${clock(current, current.start[lease])} UTC)`
    + ` to +${moment(current.end[lease])}; ${waited}${opened}. Outcome: ${OUTCOMES[current.outcome[lease]].text}.`;
}

function describeMark(mark) {
  const lane = current.markLane[mark];
  const text = current.markTexts[current.markText[mark]];
  const at = current.markAt[mark];
  return `${MARKS[current.markKind[mark]].text}${lane >= 0 ? `, ${current.lanes[lane]}` : ""},`
    + ` at +${moment(at)} (${clock(current, at)} UTC)${text ? `: ${text}` : ""}.`;
}

// ---- Selection ----

function select(what) {
  chart.selected = what;
  canvas.dataset.selected = what ? (what.mark !== undefined ? `mark ${what.mark}` : `lease ${what.lease}`) : "";
  element("details").textContent = what ? describe(what) : "";
  redraw();
}

// The time of what is selected.
function selectedTime() {
  const { lease, mark } = chart.selected;
  return lease === undefined
    ? [current.markAt[mark], current.markAt[mark]]
    : [current.start[lease], current.end[lease]];
}

// Moves the view and the lanes so that what is selected can be seen.
function reveal() {
  const [from, to] = selectedTime();
  const length = chart.to - chart.from;
  if (from < chart.from || to > chart.to) {
    chart.view(from - length / 4, from + length * 3 / 4);
  }
  const lane = chart.selected.lease === undefined ? -1 : current.lane[chart.selected.lease];
  if (lane >= 0) {
    const top = lane * LANE;
    const room = scroll.clientHeight - chart.lanesTop - LANE;
    scroll.scrollTop = Math.min(top, Math.max(scroll.scrollTop, top - room));
  }
  redraw();
}

// The next lease or mark after what is selected, or after the middle of what is shown.
function step(by, property, times) {
  let next;
  if (chart.selected && chart.selected[property] !== undefined) {
    next = chart.selected[property] + by;
  } else {
    const time = chart.selected ? selectedTime()[0] : chart.from;
    next = by > 0 ? countBelow(times, time) : countBelow(times, time) - 1;
  }
  if (next >= 0 && next < times.length) {
    select({ [property]: next });
    reveal();
  }
}

function zoomToSelected() {
  if (chart.selected) {
    const [from, to] = selectedTime();
    const room = Math.max(to - from, 20 * SHORTEST) * 2;
    chart.view(from - room, to + room);
    redraw();
  }
}

// ---- Keys ----

const middle = () => (chart.from + chart.to) / 2;
const zoomBy = factor => () => chart.zoom(factor, middle());
const moveBy = part => () => chart.move((chart.to - chart.from) * part);
const scrollBy = lanes => () => (scroll.scrollTop += lanes * LANE);
const showAll = () => chart.view(0, current.span);
const KEYS = {
  "ArrowLeft": moveBy(-0.15),
  "ArrowRight": moveBy(0.15),
  "ArrowUp": scrollBy(-1),
  "ArrowDown": scrollBy(1),
  "PageUp": scrollBy(-10),
  "PageDown": scrollBy(10),
  "+": zoomBy(0.5),
  "=": zoomBy(0.5),
  "-": zoomBy(2),
  "0": showAll,
  "Home": showAll,
  "n": () => step(1, "lease", current.start),
  "p": () => step(-1, "lease", current.start),
  "m": () => step(1, "mark", current.markAt),
  "M": () => step(-1, "mark", current.markAt),
  "Enter": zoomToSelected,
  "Escape": () => select(null),
};

canvas.addEventListener("keydown", event => {
  const act = KEYS[event.key];
  if (act && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    act();
    redraw();
  }
});

// ---- Mouse, pen and finger ----

let drag = null;

const place = event => {
  const box = canvas.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
};

canvas.addEventListener("wheel", event => {
  event.preventDefault();
  if (event.shiftKey) {
    scroll.scrollTop += event.deltaY || event.deltaX;
  } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
    chart.move(event.deltaX * chart.pixel);
  } else {
    chart.zoom(Math.exp(Math.max(-300, Math.min(300, event.deltaY)) * 0.003), chart.time(place(event)[0]));
  }
  redraw();
}, { passive: false });

canvas.addEventListener("pointerdown", event => {
  const [x, y] = place(event);
  drag = { x, y, from: chart.from, to: chart.to, time: chart.time(x), top: scroll.scrollTop,
    marks: y < AXIS + QUEUE, moved: false };
  canvas.setPointerCapture(event.pointerId);
});

canvas.addEventListener("pointermove", event => {
  const [x, y] = place(event);
  if (drag) {
    drag.moved = drag.moved || Math.abs(x - drag.x) + Math.abs(y - drag.y) > 4;
    if (drag.moved && drag.marks) {
      const time = chart.time(Math.max(GUTTER, Math.min(x, GUTTER + chart.plotWidth)));
      chart.marked = { from: Math.min(time, drag.time), to: Math.max(time, drag.time) };
    } else if (drag.moved) {
      const ticks = (drag.x - x) * (drag.to - drag.from) / chart.plotWidth;
      chart.view(drag.from + ticks, drag.to + ticks);
      scroll.scrollTop = drag.top + drag.y - y;
    }
    redraw();
  }
  showTooltip(drag ? null : hit(chart, x, y), event);
});

canvas.addEventListener("pointerup", event => {
  const [x, y] = place(event);
  const over = drag;
  drag = null;
  if (chart.marked) {
    chart.view(chart.marked.from, chart.marked.to);
    chart.marked = null;
  } else if (over && !over.moved) {
    click(hit(chart, x, y));
  }
  redraw();
});

canvas.addEventListener("pointercancel", () => {
  drag = chart.marked = null;
  redraw();
});

canvas.addEventListener("pointerleave", () => showTooltip(null));

function click(what) {
  if (what && what.crowd !== undefined) {
    const length = Math.min((chart.to - chart.from) / 8, Math.max(what.to - what.from, SHORTEST) * 20);
    chart.view((what.from + what.to - length) / 2, (what.from + what.to + length) / 2);
  } else {
    select(what && what.time === undefined ? what : null);
  }
}

function showTooltip(what, event) {
  const tooltip = element("tooltip");
  tooltip.hidden = !what;
  if (what) {
    tooltip.textContent = describe(what);
    const box = tooltip.getBoundingClientRect();
    tooltip.style.left = `${Math.max(4, Math.min(event.clientX + 14, innerWidth - box.width - 4))}px`;
    tooltip.style.top = `${event.clientY + 18 + box.height > innerHeight ? event.clientY - box.height - 8
      : event.clientY + 18}px`;
  }
}

// ---- The rest of the page ----

function button(id, act) {
  element(id).addEventListener("click", () => {
    act();
    redraw();
  });
}

button("in", KEYS["+"]);
button("out", KEYS["-"]);
button("all", showAll);
button("help-button", () => {
  const help = element("help");
  help.hidden = !help.hidden;
  element("help-button").setAttribute("aria-expanded", String(!help.hidden));
});
scroll.addEventListener("scroll", redraw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", relight);
new ResizeObserver(fit).observe(scroll);

function summary(file, history) {
  const parts = [file, `${count(history.allLeases)} leases of ${count(history.lanes.length)} threads in `
    + `${duration(history.span)}, from ${new Date(history.originMillis).toISOString().slice(0, 10)} `
    + `${clock(history, 0)} UTC`];
  if (history.isPartial) {
    parts.push(`one by one, the ${count(history.start.length)} longest leases`);
  }
  if (history.markAt.length < history.allMarks) {
    parts.push(`${count(history.markAt.length)} of ${count(history.allMarks)} marks`);
  }
  return parts.join(" · ");
}

async function start() {
  const index = await unpack("index");
  const file = index.text();
  const managers = Array.from({ length: index.number() }, () => [index.text(), index.number()]);
  const known = [];
  const choose = element("manager");
  managers.forEach(([name, leases], i) => choose.add(new Option(`${name} (${count(leases)} leases)`, i)));
  element("managers").hidden = managers.length < 2;
  const show = async i => {
    known[i] = known[i] || new History(await unpack(`manager-${i}`));
    current = known[i];
    chart.show(current);
    scroll.scrollTop = 0;
    document.title = `Who held the connection: ${managers[i][0]}`;
    element("summary").textContent = `${managers[i][0]} · ${summary(file, current)}`;
    canvas.dataset.manager = managers[i][0];
    select(null);
    element("details").textContent = "Click a lease or a mark, or press n.";
    relight();
    fit();
  };
  choose.addEventListener("change", () => show(Number(choose.value)).catch(fail));
  await show(0);
}

function fail(error) {
  const text = document.createElement("p");
  text.className = "failure";
  text.textContent = typeof DecompressionStream === "undefined"
    ? "This browser is too old for this page; it needs one of 2023 or later."
    : `The page could not be drawn: ${error}`;
  document.body.prepend(text);
  throw error;
}

start().catch(fail);
