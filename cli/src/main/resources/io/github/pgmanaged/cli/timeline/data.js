// ---- data.js: unpacks what PageData.java has packed, in the same order. Times are in ticks of 100 ns. ----

const TICKS_PER_MILLI = 1e4;

// Numbers of seven bits a byte, the low ones first, and texts by their length.
class Packed {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  number() {
    let value = 0;
    let factor = 1; // not a shift: numbers have up to 53 bits
    for (;;) {
      const byte = this.bytes[this.at++];
      value += (byte & 127) * factor;
      if (byte < 128) {
        return value;
      }
      factor *= 128;
    }
  }

  text() {
    const length = this.number();
    this.at += length;
    return new TextDecoder().decode(this.bytes.subarray(this.at - length, this.at));
  }

  texts(count) {
    return Array.from({ length: count }, () => this.text());
  }

  column(array) {
    for (let i = 0; i < array.length; i++) {
      array[i] = this.number();
    }
    return array;
  }

  // Differences, summed up.
  rising(array) {
    let sum = 0;
    for (let i = 0; i < array.length; i++) {
      array[i] = sum += this.number();
    }
    return array;
  }
}

// The element's text: base64 of deflated bytes.
async function unpack(id) {
  const text = atob(document.getElementById(id).textContent);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    bytes[i] = text.charCodeAt(i);
  }
  const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Packed(new Uint8Array(await new Response(inflated).arrayBuffer()));
}

// How many of the sorted values in [from, to) are less than the limit (or equal to it, if so asked), plus from.
function firstNot(less, from, to) {
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (less(middle)) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }
  return from;
}

const countBelow = (sorted, limit) => firstNot(i => sorted[i] < limit, 0, sorted.length);
const countUpTo = (sorted, limit) => firstNot(i => sorted[i] <= limit, 0, sorted.length);

// What is known of one manager. Of leases, waits and marks there is a column for each property.
class History {
  constructor(packed) {
    this.originMillis = packed.number();
    this.originTicks = packed.number();
    this.span = packed.number();
    this.lanes = packed.texts(packed.number());
    this.allLeases = packed.number();
    this.readLeases(packed);
    this.readOtherWaits(packed);
    this.readMarks(packed);
    this.levels = Array.from({ length: packed.number() }, () => new Level(packed, this.lanes.length));
    this.indexLanes();
    this.indexQueue();
  }

  readLeases(packed) {
    const count = packed.number();
    const start = packed.column(new Float64Array(count)); // from the end of the one before
    const end = packed.column(new Float64Array(count)); // from its start
    for (let i = 0; i < count; i++) {
      start[i] += i > 0 ? end[i - 1] : 0;
      end[i] += start[i];
    }
    this.start = start;
    this.end = end;
    this.lane = packed.column(new Int32Array(count));
    this.outcome = packed.column(new Uint8Array(count));
    this.waited = packed.column(new Float64Array(count));
    this.opening = packed.column(new Float64Array(count));
    this.isPartial = count < this.allLeases;
  }

  // Of these no lease came.
  readOtherWaits(packed) {
    const count = packed.number();
    const start = packed.rising(new Float64Array(count));
    const length = packed.column(new Float64Array(count));
    const lane = packed.column(new Int32Array(count));
    const inVain = packed.column(new Uint8Array(count));
    this.otherWaits = Array.from(start, (at, i) => ({
      start: at, end: at + length[i], lane: lane[i], inVain: inVain[i] === 1,
    }));
  }

  readMarks(packed) {
    this.allMarks = packed.number();
    const texts = packed.texts(packed.number());
    const count = packed.number();
    this.markAt = packed.rising(new Float64Array(count));
    this.markKind = packed.column(new Uint8Array(count));
    this.markLane = packed.column(new Int32Array(count)).map(lane => lane - 1);
    this.markText = packed.column(new Uint32Array(count));
    this.markTexts = texts;
    this.marksOfKind = MARKS.map(() => []);
    this.markKind.forEach((kind, i) => this.marksOfKind[kind].push(i));
  }

  // The leases of each lane: those from laneFrom[lane] to laneFrom[lane + 1] of inLane.
  indexLanes() {
    this.laneFrom = new Int32Array(this.lanes.length + 1);
    this.lane.forEach(lane => this.laneFrom[lane + 1]++);
    for (let i = 0; i < this.lanes.length; i++) {
      this.laneFrom[i + 1] += this.laneFrom[i];
    }
    const next = this.laneFrom.slice();
    this.inLane = new Int32Array(this.start.length);
    this.lane.forEach((lane, lease) => {
      this.inLane[next[lane]++] = lease;
    });
    this.othersInLane = this.lanes.map(() => []);
    this.otherWaits.forEach(wait => this.othersInLane[wait.lane].push(wait));
  }

  // When threads entered and left the queue, each sorted by itself.
  indexQueue() {
    const entered = [];
    const left = [];
    for (let i = 0; i < this.start.length; i++) {
      if (this.waited[i] > 0) {
        entered.push(this.asked(i));
        left.push(this.turn(i));
      }
    }
    this.otherWaits.forEach(wait => {
      entered.push(wait.start);
      left.push(wait.end);
    });
    this.entered = Float64Array.from(entered).sort();
    this.left = Float64Array.from(left).sort();
    this.deepest = this.levels.reduce((most, level) => level.most.reduce((a, b) => Math.max(a, b), most), 0);
    if (this.levels.length === 0) {
      for (let i = 0, j = 0; i < entered.length; i++) {
        while (this.left[j] <= this.entered[i]) {
          j++;
        }
        this.deepest = Math.max(this.deepest, i + 1 - j);
      }
    }
  }

  // When the lease's thread left the queue, and when it came.
  turn(lease) {
    return this.start[lease] - this.opening[lease];
  }

  asked(lease) {
    return this.start[lease] - this.opening[lease] - this.waited[lease];
  }

  // The position in inLane of the lane's first lease that ends after a time.
  firstInLane(lane, from) {
    return firstNot(i => this.end[this.inLane[i]] < from, this.laneFrom[lane], this.laneFrom[lane + 1]);
  }

  depthAt(time) {
    return countUpTo(this.entered, time) - countUpTo(this.left, time);
  }
}

// The time in equal parts; how much of each part a lane held the lease, and how deep the queue was.
class Level {
  constructor(packed, lanes) {
    this.parts = packed.number();
    this.width = packed.number() / 100; // nanoseconds
    this.part = [];
    this.share = [];
    this.leases = [];
    for (let lane = 0; lane < lanes; lane++) {
      const cells = packed.number();
      this.part.push(packed.rising(new Int32Array(cells)));
      this.share.push(packed.column(new Uint8Array(cells)));
      this.leases.push(packed.column(new Int32Array(cells)));
    }
    this.least = new Int32Array(this.parts);
    this.most = new Int32Array(this.parts);
    for (let i = 0; i < this.parts; i++) {
      this.least[i] = packed.number();
      this.most[i] = packed.number();
    }
  }
}
