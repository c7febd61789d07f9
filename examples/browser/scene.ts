/** @file One system of bodies in 3D: their starts, simulated paths, and predicted ends. */
import {
  AmbientLight,
  Box3,
  BufferGeometry,
  Color,
  DirectionalLight,
  Float32BufferAttribute,
  Group,
  Line,
  LineBasicMaterial,
  LineDashedMaterial,
  Mesh,
  MeshBasicMaterial,
  MeshStandardMaterial,
  PerspectiveCamera,
  Scene,
  Sphere,
  SphereGeometry,
  WebGLRenderer,
} from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import type { Shown } from "./messages.js";

const POSITIVE = "#d4543b";
const NEGATIVE = "#3b6fd4";

/** A view that can be turned with the mouse. */
export interface View {
  show(system: Shown): void;
}

const ball = new SphereGeometry(0.16, 24, 16);
const cage = new SphereGeometry(0.2, 8, 6);
const speck = new SphereGeometry(0.06, 12, 8);

function at(mesh: Mesh, points: Float32Array, body: number): Mesh {
  const [x = 0, y = 0, z = 0] = points.subarray(3 * body, 3 * body + 3);
  mesh.position.set(x, y, z);
  return mesh;
}

function line(points: readonly number[], material: LineBasicMaterial): Line {
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new Float32BufferAttribute(points, 3));
  return new Line(geometry, material).computeLineDistances();
}

/** One body: a speck at its start, its path, a ball at its end, a cage at its predicted end. */
function body({ charges, path, predicted }: Shown, i: number): Group {
  const group = new Group();
  const color = new Color((charges[i] ?? 0) > 0 ? POSITIVE : NEGATIVE);
  const [start, end] = [path[0], path.at(-1)];
  if (start === undefined || end === undefined) return group;
  const solid = new MeshStandardMaterial({ color, roughness: 0.5 });
  const wires = new MeshBasicMaterial({ color, wireframe: true });
  group.add(at(new Mesh(speck, solid), start, i));
  group.add(at(new Mesh(ball, solid), end, i));
  group.add(at(new Mesh(cage, wires), predicted, i));
  const of = (points: Float32Array): number[] => [...points.subarray(3 * i, 3 * i + 3)];
  group.add(line(path.flatMap(of), new LineBasicMaterial({ color })));
  const missed = new LineDashedMaterial({ color: "#8a93a3", dashSize: 0.06, gapSize: 0.05 });
  group.add(line([...of(end), ...of(predicted)], missed));
  return group;
}

function free(group: Group): void {
  group.traverse((part) => {
    if (part instanceof Line) part.geometry.dispose();
    if (part instanceof Mesh || part instanceof Line) part.material.dispose();
  });
}

/** Draws into `parent` and follows its size. */
export function view(parent: HTMLElement): View {
  const renderer = new WebGLRenderer({ antialias: true, alpha: true, preserveDrawingBuffer: true });
  parent.append(renderer.domElement);
  const scene = new Scene();
  const camera = new PerspectiveCamera(45, 1, 0.1, 100);
  camera.position.set(4, 3, 7);
  const sun = new DirectionalLight("#ffffff", 2);
  sun.position.set(3, 5, 4);
  scene.add(new AmbientLight("#ffffff", 1.2), sun);
  const controls = new OrbitControls(camera, renderer.domElement);
  let bodies = new Group();
  let seen = "";
  // Drawn only after a change, at most once per frame.
  let due = false;
  const draw = (): void => {
    if (due) return;
    due = true;
    requestAnimationFrame(render);
  };
  const render = (): void => {
    due = false;
    renderer.render(scene, camera);
  };
  controls.addEventListener("change", draw);
  const fit = (): void => {
    const { clientWidth: width, clientHeight: height } = parent;
    renderer.setSize(width, height);
    renderer.setPixelRatio(devicePixelRatio);
    camera.aspect = width / Math.max(height, 1);
    camera.updateProjectionMatrix();
    draw();
  };
  new ResizeObserver(fit).observe(parent);
  fit();
  return {
    show(system) {
      scene.remove(bodies);
      free(bodies);
      bodies = new Group();
      for (let i = 0; i < system.charges.length; i++) bodies.add(body(system, i));
      const { center, radius } = new Box3().setFromObject(bodies).getBoundingSphere(new Sphere());
      bodies.position.copy(center.negate());
      scene.add(bodies);
      // A new system is shown whole; for the same system the chosen view stays.
      const name = String(system.path[0]);
      if (name !== seen) camera.position.setLength(2.1 * radius);
      seen = name;
      draw();
    },
  };
}
