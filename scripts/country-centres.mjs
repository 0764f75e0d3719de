// Writes src/networks/countries.txt anew: where countries are, by the borders of Natural Earth (public domain), as the package
// world-atlas has them. Needs no run but when borders change:
//
//   npm install --prefix target/tools/centres world-atlas@2.0.2 i18n-iso-countries@7.14.0 topojson-client@3.1.0
//   cp scripts/country-centres.mjs target/tools/centres/ && (cd target/tools/centres && node country-centres.mjs)
//
// prints the lines. The centre of a country is that of the smallest circle that holds it (Badoiu and Clarkson, Smaller
// core-sets for balls, SODA 2003, on the sphere); what lies further than 1,000 km from the rest of it is left out.
import { readFileSync } from "node:fs";
import countries from "i18n-iso-countries";
import { feature } from "topojson-client";

const degree = Math.PI / 180;
const earth = 6371.0088;
const near = 1000;

const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const normal = (a) => a.map((x) => x / Math.hypot(...a));
const kilometres = (a, b) => earth * Math.acos(Math.max(-1, Math.min(1, dot(a, b))));

function point([longitude, latitude]) {
  const around = Math.cos(latitude * degree);
  return [around * Math.cos(longitude * degree), around * Math.sin(longitude * degree), Math.sin(latitude * degree)];
}

function area(ring) {
  let sum = 0;
  for (let i = 0; i + 1 < ring.length; i++) {
    const [[x1, y1], [x2, y2]] = [ring[i], ring[i + 1]];
    sum += (x2 - x1) * degree * (2 + Math.sin(y1 * degree) + Math.sin(y2 * degree));
  }
  return Math.abs(sum / 2);
}

// The points of the largest part, and of those that lie near to what was taken already.
function together([largest, ...rest]) {
  const taken = [...largest.points];
  for (let grown = true; grown; ) {
    const apart = [];
    const sample = taken.filter((_, index) => index % Math.max(1, Math.floor(taken.length / 400)) === 0);
    for (const part of rest) {
      const some = part.points.filter((_, index) => index % Math.max(1, Math.floor(part.points.length / 40)) === 0);
      if (some.some((p) => sample.some((q) => kilometres(p, q) < near))) taken.push(...part.points);
      else apart.push(part);
    }
    grown = apart.length < rest.length;
    rest = apart;
  }
  return taken;
}

function circle(points) {
  let centre = normal(points.reduce((sum, p) => sum.map((x, k) => x + p[k]), [0, 0, 0]));
  for (let step = 1; step <= 2000; step++) {
    const furthest = points.reduce((far, p) => (dot(p, centre) < dot(far, centre) ? p : far));
    centre = normal(centre.map((x, k) => x + (furthest[k] - x) / (step + 1)));
  }
  return { centre, radius: Math.max(1, Math.ceil(Math.max(...points.map((p) => kilometres(p, centre))))) };
}

const topology = JSON.parse(readFileSync("node_modules/world-atlas/countries-10m.json"));
const found = new Map();
for (const { id, geometry } of feature(topology, topology.objects.countries).features) {
  const code = countries.numericToAlpha2(id);
  if (!code) continue;
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  const parts = polygons.map(([ring]) => ({ area: area(ring), points: ring.map(point) }));
  parts.sort((one, other) => other.area - one.area);
  if (!found.has(code) || found.get(code)[0].area < parts[0].area) found.set(code, parts);
}
for (const [code, parts] of [...found].sort(([one], [other]) => (one < other ? -1 : 1))) {
  const { centre, radius } = circle(together(parts));
  const [latitude, longitude] = [Math.asin(centre[2]) / degree, Math.atan2(centre[1], centre[0]) / degree];
  console.log(`${code} ${latitude.toFixed(2)} ${longitude.toFixed(2)} ${radius}`);
}
