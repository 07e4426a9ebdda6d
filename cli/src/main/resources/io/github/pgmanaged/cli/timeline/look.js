// ---- look.js: how outcomes and marks look (colour and pattern, colour and shape), and how times read. ----

// By the number that Outcome.java gives them. The pattern tells them apart without the colour.
const OUTCOMES = [
  { text: "released", colour: "--lease", pattern: "plain" },
  { text: "released, rolled back", colour: "--rolled-back", pattern: "rising" },
  { text: "its release failed", colour: "--failed", pattern: "crossed" },
  { text: "its session was lost", colour: "--lost", pattern: "dotted" },
  { text: "revoked", colour: "--revoked", pattern: "falling" },
  { text: "abandoned, taken back", colour: "--abandoned", pattern: "upright" },
  { text: "ended in another way", colour: "--faint", pattern: "level" },
];

// By the number that Mark.Kind gives them.
const MARKS = [
  { text: "forced rollback", colour: "--rolled-back", shape: "down" },
  { text: "session opened", colour: "--opening", shape: "diamond" },
  { text: "opening failed", colour: "--failed", shape: "bolt" },
  { text: "session closed", colour: "--lost", shape: "square" },
  { text: "lease revoked", colour: "--revoked", shape: "cross" },
  { text: "commit unknown", colour: "--unknown", shape: "question" },
  { text: "gave up waiting", colour: "--abandoned", shape: "hourglass" },
];

const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// All that is needed of the style sheet, read once for each light.
function palette(context) {
  const names = ["--back", "--stripe", "--text", "--faint", "--line", "--waiting", "--opening", "--queue",
    "--queue-least", "--selected", ...OUTCOMES.map(o => o.colour), ...MARKS.map(m => m.colour)];
  const colours = Object.fromEntries(names.map(name => [name, colour(name)]));
  const fills = OUTCOMES.map(outcome => fill(context, outcome.pattern, colours[outcome.colour], colours["--back"]));
  const lease = parseInt(colours["--lease"].slice(1), 16);
  return { ...colours, fills, leaseRgb: [lease >> 16, (lease >> 8) & 255, lease & 255] };
}

// A plain colour, or one with lines in it.
function fill(context, pattern, ink, paper) {
  if (pattern === "plain") {
    return ink;
  }
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const draw = tile.getContext("2d");
  draw.fillStyle = ink;
  draw.fillRect(0, 0, 8, 8);
  draw.strokeStyle = draw.fillStyle = paper;
  draw.lineWidth = 1.5;
  const line = (x0, y0, x1, y1) => {
    draw.beginPath();
    draw.moveTo(x0, y0);
    draw.lineTo(x1, y1);
    draw.stroke();
  };
  if (pattern === "rising" || pattern === "crossed") {
    line(-2, 6, 6, -2);
    line(2, 10, 10, 2);
  }
  if (pattern === "falling" || pattern === "crossed") {
    line(-2, 2, 6, 10);
    line(2, -2, 10, 6);
  }
  if (pattern === "upright") {
    line(4, 0, 4, 8);
  }
  if (pattern === "level") {
    line(0, 4, 8, 4);
  }
  if (pattern === "dotted") {
    draw.fillRect(1, 1, 3, 3);
    draw.fillRect(5, 5, 3, 3);
  }
  return context.createPattern(tile, "repeat");
}

// A mark's shape, of some 10 pixels around a point.
function drawShape(draw, shape, x, y, ink, paper) {
  draw.fillStyle = draw.strokeStyle = ink;
  draw.lineWidth = 2;
  const path = (points, closed) => {
    draw.beginPath();
    points.forEach(([dx, dy], i) => (i === 0 ? draw.moveTo(x + dx, y + dy) : draw.lineTo(x + dx, y + dy)));
    if (closed) {
      draw.closePath();
    }
  };
  switch (shape) {
    case "down":
      path([[-5, -4], [5, -4], [0, 5]], true);
      draw.fill();
      break;
    case "diamond":
      path([[0, -6], [5, 0], [0, 6], [-5, 0]], true);
      draw.fill();
      break;
    case "bolt":
      path([[1, -6], [-3, 1], [3, -1], [-1, 6]], false);
      draw.stroke();
      break;
    case "square":
      draw.strokeRect(x - 4, y - 4, 8, 8);
      break;
    case "cross":
      path([[-4, -4], [4, 4]], false);
      draw.stroke();
      path([[-4, 4], [4, -4]], false);
      draw.stroke();
      break;
    case "question":
      draw.beginPath();
      draw.arc(x, y, 6, 0, 2 * Math.PI);
      draw.fill();
      draw.fillStyle = paper;
      draw.font = "bold 10px system-ui, sans-serif";
      draw.textAlign = "center";
      draw.textBaseline = "middle";
      draw.fillText("?", x, y + 0.5);
      break;
    default: // hourglass
      path([[-4, -5], [4, -5], [-4, 5], [4, 5]], true);
      draw.stroke();
  }
}

// One line of the legend.
function legendItem(text, drawSample) {
  const item = document.createElement("li");
  const sample = document.createElement("canvas");
  sample.width = 44;
  sample.height = 28;
  sample.setAttribute("aria-hidden", "true");
  const draw = sample.getContext("2d");
  draw.scale(2, 2);
  drawSample(draw);
  item.append(sample, text);
  return item;
}

function legend(look, history) {
  const bar = (style, y, height) => draw => {
    draw.fillStyle = style;
    draw.fillRect(0, y, 22, height);
  };
  const seen = new Set(history.outcome);
  const items = OUTCOMES.filter((outcome, i) => i === 0 || seen.has(i)).map(outcome =>
    legendItem(outcome === OUTCOMES[0] ? "holds the connection" : outcome.text, draw =>
      bar(fill(draw, outcome.pattern, look[outcome.colour], look["--back"]), 1, 12)(draw)));
  items.push(legendItem("waits (thin)", bar(look["--waiting"], 6, 3)));
  items.push(legendItem("its session is opened", bar(look["--opening"], 4, 6)));
  MARKS.forEach((mark, kind) => {
    if (history.marksOfKind[kind].length > 0) {
      items.push(legendItem(mark.text, draw =>
        drawShape(draw, mark.shape, 11, 7, look[mark.colour], look["--back"])));
    }
  });
  return items;
}

function duration(ticks) {
  const millis = ticks / TICKS_PER_MILLI;
  if (millis < 1) {
    return `${(millis * 1e3).toFixed(millis < 0.1 ? 1 : 0)} µs`;
  }
  if (millis < 1e3) {
    return `${millis.toPrecision(millis < 100 ? 3 : 4)} ms`;
  }
  return millis < 12e4 ? `${(millis / 1e3).toFixed(3)} s` : `${(millis / 6e4).toFixed(2)} min`;
}

// A time since the beginning, to the microsecond.
function moment(ticks) {
  return ticks < 1e7 ? duration(ticks) : `${(ticks / 1e7).toFixed(6)} s`;
}

// The moment by the wall clock, in UTC, to the microsecond.
function clock(history, ticks) {
  const all = history.originTicks + Math.floor(ticks);
  const millis = Math.floor(all / TICKS_PER_MILLI);
  const micros = Math.floor((all - millis * TICKS_PER_MILLI) / 10);
  return new Date(history.originMillis + millis).toISOString().slice(11, 23) + String(micros).padStart(3, "0");
}

const count = number => number.toLocaleString("en-GB");
