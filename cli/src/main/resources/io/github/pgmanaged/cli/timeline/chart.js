// ---- chart.js: draws the part of a history that is in view. What it draws in a frame is bounded: by pixels. ----

const GUTTER = 150;
const AXIS = 24;
const QUEUE = 64;
const MARK_ROW = 16;
const LANE = 18;
const RIGHT = 12;

// Up to so many leases in view are drawn one by one; up to so many are counted into pixels; above, a level is taken.
const MOST_SINGLE = 3000;
const MOST_COUNTED = 200_000;

// Marks of a kind that are closer than this are drawn as one.
const MARK_PIXELS = 8;

// The shortest time that can be shown, in ticks.
const SHORTEST = 100;

class Chart {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.rows = document.createElement("canvas"); // a pixel high each, stretched to lanes
    this.scrolled = 0;
    this.selected = null;
    this.marked = null; // a part of the time that is being dragged over
    this.operations = 0;
    this.readLook();
  }

  readLook() {
    this.look = palette(this.context);
  }

  show(history) {
    this.history = history;
    this.kinds = MARKS.map((mark, kind) => kind).filter(kind => history.marksOfKind[kind].length > 0);
    this.selected = null;
    this.from = 0;
    this.to = history.span;
  }

  resize(width, height) {
    const ratio = window.devicePixelRatio || 1;
    this.width = Math.max(GUTTER + RIGHT + 50, width);
    this.height = height;
    this.canvas.width = Math.round(this.width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.canvas.style.width = `${this.width}px`;
    this.canvas.style.height = `${height}px`;
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  get plotWidth() {
    return this.width - GUTTER - RIGHT;
  }

  get lanesTop() {
    return AXIS + QUEUE + this.kinds.length * MARK_ROW + 6;
  }

  // As high as all its lanes would be.
  get fullHeight() {
    return this.lanesTop + this.history.lanes.length * LANE + 6;
  }

  // Ticks a pixel.
  get pixel() {
    return (this.to - this.from) / this.plotWidth;
  }

  x(time) {
    return GUTTER + (time - this.from) / this.pixel;
  }

  time(x) {
    return this.from + (x - GUTTER) * this.pixel;
  }

  laneTop(lane) {
    return this.lanesTop + lane * LANE - this.scrolled;
  }

  // Shows a part of the time, as far as there is any.
  view(from, to) {
    const length = Math.min(this.history.span, Math.max(SHORTEST, to - from));
    this.from = Math.max(0, Math.min(from + (to - from - length) / 2, this.history.span - length));
    this.to = this.from + length;
  }

  zoom(factor, around) {
    this.view(around - (around - this.from) * factor, around + (this.to - around) * factor);
  }

  move(ticks) {
    this.view(this.from + ticks, this.to + ticks);
  }

  // "single", "counted", or a level of the history's.
  detail() {
    const { history, pixel } = this;
    const level = history.levels.find(one => one.width <= 1.5 * pixel);
    const finest = history.levels[history.levels.length - 1];
    if (history.isPartial && finest && finest.width <= 8 * pixel) {
      return level || finest; // a level knows of all leases
    }
    const inView = countBelow(history.start, this.to) - countBelow(history.end, this.from);
    if (inView <= MOST_SINGLE) {
      return "single";
    }
    return inView <= MOST_COUNTED || !level ? "counted" : level;
  }

  draw() {
    const draw = this.context;
    this.operations = 0;
    this.detailDrawn = this.detail();
    this.rect(this.look["--back"], 0, 0, this.width, this.height);
    draw.font = "12px system-ui, sans-serif";
    this.drawLanes();
    this.rect(this.look["--back"], 0, 0, this.width, this.lanesTop);
    this.drawScale(0, this.lanesTop, true);
    this.drawQueue();
    this.drawMarks();
    this.rect(this.look["--line"], GUTTER - 1, 0, 1, this.height);
    if (this.marked) {
      draw.globalAlpha = 0.25;
      this.rect(this.look["--opening"], this.x(this.marked.from), 0, (this.marked.to - this.marked.from) / this.pixel,
        this.height);
      draw.globalAlpha = 1;
    }
  }

  rect(style, x, y, width, height) {
    this.context.fillStyle = style;
    this.context.fillRect(x, y, width, height);
    this.operations++;
  }

  label(text, style, x, y, align, most) {
    const draw = this.context;
    draw.fillStyle = style;
    draw.textAlign = align;
    draw.textBaseline = "middle";
    draw.fillText(most && draw.measureText(text).width > most ? shortened(draw, text, most) : text, x, y);
    this.operations++;
  }

  // Lines at round times, and the times.
  drawScale(top, bottom, labelled) {
    const step = niceStep(this.pixel * 110);
    for (let i = Math.ceil(this.from / step); i * step <= this.to; i++) {
      const x = this.x(i * step);
      this.rect(this.look["--line"], x, top, 1, bottom - top);
      if (labelled) {
        this.label(`+${axisTime(i * step, step)}`, this.look["--faint"], x + 4, AXIS / 2, "left");
      }
    }
  }

  // Two areas: the most that waited in each pixel, and the least.
  drawQueue() {
    const { history, look } = this;
    const base = AXIS + QUEUE;
    const scale = (QUEUE - 8) / Math.max(1, history.deepest);
    const { least, most } = this.depths();
    for (const [values, style] of [[most, look["--queue"]], [least, look["--queue-least"]]]) {
      const draw = this.context;
      draw.fillStyle = style;
      draw.beginPath();
      draw.moveTo(GUTTER, base);
      values.forEach((value, column) => {
        draw.lineTo(GUTTER + column, base - value * scale);
        draw.lineTo(GUTTER + column + 1, base - value * scale);
      });
      draw.lineTo(GUTTER + values.length, base);
      draw.fill();
      this.operations++;
    }
    this.label("threads waiting", look["--text"], GUTTER - 8, base - 12, "right");
    this.label(`up to ${history.deepest}`, look["--faint"], GUTTER - 8, base - QUEUE + 16, "right");
    this.rect(look["--line"], 0, base, this.width, 1);
  }

  // The depth of the queue in each column of pixels.
  depths() {
    const { history, pixel } = this;
    const columns = Math.floor(this.plotWidth);
    const least = new Int32Array(columns);
    const most = new Int32Array(columns);
    const level = this.detailDrawn;
    if (level instanceof Level) {
      for (let column = 0; column < columns; column++) {
        const first = Math.min(level.parts - 1, Math.floor((this.from + column * pixel) / level.width));
        const last = Math.min(level.parts - 1, Math.floor((this.from + (column + 1) * pixel) / level.width));
        least[column] = level.least[first];
        for (let part = first; part <= last; part++) {
          least[column] = Math.min(least[column], level.least[part]);
          most[column] = Math.max(most[column], level.most[part]);
        }
      }
      return { least, most };
    }
    let i = countUpTo(history.entered, this.from);
    let j = countUpTo(history.left, this.from);
    for (let column = 0; column < columns; column++) {
      const end = this.from + (column + 1) * pixel;
      least[column] = most[column] = i - j;
      while (history.entered[i] <= end || history.left[j] <= end) {
        if (history.left[j] <= end && !(history.entered[i] < history.left[j])) {
          j++;
        } else {
          i++;
        }
        least[column] = Math.min(least[column], i - j);
        most[column] = Math.max(most[column], i - j);
      }
    }
    return { least, most };
  }

  drawMarks() {
    const { history, look } = this;
    this.kinds.forEach((kind, row) => {
      const y = AXIS + QUEUE + row * MARK_ROW + MARK_ROW / 2 + 3;
      this.label(MARKS[kind].text, look["--text"], GUTTER - 8, y, "right");
      const marks = history.marksOfKind[kind];
      const next = (from, time) => firstNot(i => history.markAt[marks[i]] < time, from, marks.length);
      let i = next(0, this.from);
      while (i < marks.length && history.markAt[marks[i]] <= this.to) {
        const at = history.markAt[marks[i]];
        drawShape(this.context, MARKS[kind].shape, this.x(at), y, look[MARKS[kind].colour], look["--back"]);
        this.operations++;
        if (this.selected && this.selected.mark === marks[i]) {
          this.frame(this.x(at) - 8, y - 8, 16, 16);
        }
        i = next(i + 1, at + MARK_PIXELS * this.pixel);
      }
    });
  }

  drawLanes() {
    const { history, look } = this;
    const first = Math.max(0, Math.floor(this.scrolled / LANE));
    const last = Math.min(history.lanes.length - 1,
      Math.floor((this.scrolled + this.height - this.lanesTop) / LANE));
    for (let lane = first; lane <= last; lane++) {
      if (lane % 2 === 1) {
        this.rect(look["--stripe"], 0, this.laneTop(lane), this.width, LANE);
      }
    }
    this.drawScale(this.lanesTop, this.height, false);
    const draw = this.context;
    draw.save();
    draw.beginPath();
    draw.rect(GUTTER, this.lanesTop, this.plotWidth, this.height);
    draw.clip();
    if (this.detailDrawn === "single") {
      for (let lane = first; lane <= last; lane++) {
        this.drawSingle(lane);
      }
    } else if (last >= first) {
      this.drawCrowds(first, last);
    }
    this.drawSelected();
    draw.restore();
    for (let lane = first; lane <= last; lane++) {
      this.label(history.lanes[lane], look["--text"], GUTTER - 8, this.laneTop(lane) + LANE / 2, "right", GUTTER - 16);
    }
    this.lanesDrawn = [first, last];
  }

  // Each lease of a lane with its wait and the opening of its session.
  drawSingle(lane) {
    const { history, look } = this;
    const top = this.laneTop(lane);
    for (let i = history.firstInLane(lane, this.from); i < history.laneFrom[lane + 1]; i++) {
      const lease = history.inLane[i];
      const asked = history.asked(lease);
      if (asked > this.to) {
        break;
      }
      if (history.waited[lease] > 0) {
        this.span(look["--waiting"], asked, history.turn(lease), top + LANE / 2 - 1, 3);
      }
      if (history.opening[lease] > 0) {
        this.span(look["--opening"], history.turn(lease), history.start[lease], top + LANE / 2 - 3, 6);
      }
      this.span(look.fills[history.outcome[lease]], history.start[lease], history.end[lease], top + 3, LANE - 6);
    }
    for (const wait of history.othersInLane[lane]) {
      if (wait.end >= this.from && wait.start <= this.to) {
        this.span(look["--waiting"], wait.start, wait.end, top + LANE / 2 - 1, 3);
      }
    }
  }

  // At least a pixel wide, and no wider than what can be seen: a canvas gets lost in huge numbers.
  span(style, from, to, y, height) {
    const x = this.x(Math.max(from, this.from - this.pixel));
    this.rect(style, x, y, Math.max(1, this.x(Math.min(to, this.to + this.pixel)) - x), height);
  }

  // A row of pixels for each lane, the fuller the longer it held the lease; drawn at once, and stretched.
  drawCrowds(first, last) {
    const columns = Math.floor(this.plotWidth);
    const image = new ImageData(columns, last - first + 1);
    const [red, green, blue] = this.look.leaseRgb;
    const share = new Float32Array(columns);
    for (let lane = first; lane <= last; lane++) {
      share.fill(0);
      if (this.detailDrawn instanceof Level) {
        this.addCells(share, lane, this.detailDrawn);
      } else {
        this.addLeases(share, lane);
      }
      for (let column = 0, at = (lane - first) * columns * 4; column < columns; column++, at += 4) {
        if (share[column] > 0) {
          image.data[at] = red;
          image.data[at + 1] = green;
          image.data[at + 2] = blue;
          image.data[at + 3] = 70 + 185 * Math.min(1, share[column]);
        }
      }
    }
    this.rows.width = columns;
    this.rows.height = last - first + 1;
    this.rows.getContext("2d").putImageData(image, 0, 0);
    this.context.imageSmoothingEnabled = false;
    for (let lane = first; lane <= last; lane++) {
      this.context.drawImage(this.rows, 0, lane - first, columns, 1, GUTTER, this.laneTop(lane) + 3, columns, LANE - 6);
      this.operations++;
    }
  }

  addCells(share, lane, level) {
    const parts = level.part[lane];
    for (let i = countBelow(parts, Math.floor(this.from / level.width)); i < parts.length; i++) {
      const from = parts[i] * level.width;
      if (from > this.to) {
        break;
      }
      this.spread(share, from, from + level.width, level.share[lane][i] / 255);
    }
  }

  addLeases(share, lane) {
    const { history } = this;
    for (let i = history.firstInLane(lane, this.from); i < history.laneFrom[lane + 1]; i++) {
      const lease = history.inLane[i];
      if (history.start[lease] > this.to) {
        break;
      }
      this.spread(share, history.start[lease], Math.max(history.end[lease], history.start[lease] + 1), 1);
    }
  }

  // Adds to each column the part of it that is in the time.
  spread(share, from, to, weight) {
    const begin = Math.max(0, (from - this.from) / this.pixel);
    const end = Math.min(share.length, (to - this.from) / this.pixel);
    for (let column = Math.floor(begin); column < end; column++) {
      share[column] += weight * (Math.min(end, column + 1) - Math.max(begin, column));
    }
  }

  drawSelected() {
    if (!this.selected || this.selected.lease === undefined) {
      return;
    }
    const lease = this.selected.lease;
    const { history } = this;
    const top = this.laneTop(history.lane[lease]);
    const from = Math.max(history.start[lease], this.from - this.pixel);
    const to = Math.min(history.end[lease], this.to + this.pixel);
    if (from <= to) {
      this.span(this.look.fills[history.outcome[lease]], from, to, top + 3, LANE - 6);
      this.frame(this.x(from) - 1.5, top + 1.5, Math.max(1, (to - from) / this.pixel) + 3, LANE - 3);
    }
    if (history.waited[lease] > 0) {
      this.span(this.look["--selected"], history.asked(lease), history.turn(lease), top + LANE / 2 - 1, 3);
    }
  }

  frame(x, y, width, height) {
    this.context.strokeStyle = this.look["--selected"];
    this.context.lineWidth = 2;
    this.context.strokeRect(x, y, width, height);
    this.operations++;
  }
}

// 1, 2 or 5 times a power of ten.
function niceStep(atLeast) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, atLeast)));
  return power * [1, 2, 5, 10].find(factor => factor * power >= atLeast);
}

// A time on the scale, with as many digits as the step needs.
function axisTime(ticks, step) {
  const [unit, size] = step >= 1e6 ? ["s", 1e7] : step >= 1e3 ? ["ms", 1e4] : ["µs", 10];
  const digits = Math.max(0, Math.ceil(-Math.log10(step / size) - 1e-9));
  return `${(ticks / size).toFixed(digits)} ${unit}`;
}

function shortened(draw, text, most) {
  const fits = length => draw.measureText(`${text.slice(0, length)}…`).width <= most;
  return `${text.slice(0, firstNot(fits, 1, text.length))}…`;
}
