"""Renders the demo shop's pictures with Blender's Cycles.

usage: blender -b --factory-startup -P render.py -- JOBS.json MODELS_DIR OUT_DIR [--only HANDLE,...] [--angles 1,2] [--width 800] [--samples 6]

JOBS.json is demo/catalogue/render.json: one entry per product with the model, the turn, the materials and the colour variants.
A picture that exists is skipped, so a run can be stopped and started again at any time.
"""
import json
import math
import os
import sys
import time

import bpy
import numpy as np
from mathutils import Matrix, Vector
from PIL import Image

MARGIN_X = 0.80  # share of the frame a product may fill
MARGIN_Y = 0.74
CENTRE_Y = 0.515  # a little below the middle: pictures need more air above than below
LENS = 80


def parse_args():
    args = sys.argv[sys.argv.index("--") + 1:]
    jobs, models, out = args[:3]
    options = {"only": None, "angles": None, "width": 800, "samples": 6, "limit": 0, "png": False}
    rest = iter(args[3:])
    for name in rest:
        key = name.removeprefix("--")
        if key == "png":
            options["png"] = True
            continue
        value = next(rest)
        if key in ("only", "angles"):
            options[key] = value.split(",")
        else:
            options[key] = int(value)
    return jobs, models, out, options


def srgb(value):
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def linear(hex_colour):
    text = hex_colour.lstrip("#")
    return tuple(srgb(int(text[i:i + 2], 16) / 255) for i in (0, 2, 4)) + (1.0,)


def new_scene(width, samples):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.threads_mode = "FIXED"
    scene.render.threads = 1
    cycles = scene.cycles
    cycles.device = "CPU"
    cycles.samples = samples
    cycles.use_adaptive_sampling = True
    cycles.adaptive_threshold = 0.05
    cycles.adaptive_min_samples = 4
    cycles.use_denoising = False
    cycles.max_bounces = 2
    cycles.diffuse_bounces = 1
    cycles.glossy_bounces = 2
    cycles.transmission_bounces = 4
    cycles.transparent_max_bounces = 16
    cycles.caustics_reflective = False
    cycles.caustics_refractive = False
    cycles.sample_clamp_indirect = 3.0
    cycles.pixel_filter_type = "BLACKMAN_HARRIS"
    scene.render.resolution_x = width
    scene.render.resolution_y = width * 5 // 4
    scene.render.film_transparent = True
    scene.view_settings.view_transform = "Standard"
    layer = scene.view_layers[0]
    layer.cycles.denoising_store_passes = True
    layer.use_pass_object_index = True
    world(scene)
    return scene


def world(scene):
    """A soft studio: bright above, dim below, a little brighter at the left where the key light stands."""
    sky = bpy.data.worlds.new("studio")
    scene.world = sky
    sky.use_nodes = True
    tree = sky.node_tree
    background = tree.nodes["Background"]
    background.inputs[1].default_value = 0.60
    coordinates = tree.nodes.new("ShaderNodeTexCoord")
    split = tree.nodes.new("ShaderNodeSeparateXYZ")
    scale = tree.nodes.new("ShaderNodeMapRange")
    scale.inputs[1].default_value = -1
    scale.inputs[2].default_value = 1
    ramp = tree.nodes.new("ShaderNodeValToRGB")
    tree.links.new(coordinates.outputs["Generated"], split.inputs[0])
    tree.links.new(split.outputs[2], scale.inputs[0])
    tree.links.new(scale.outputs[0], ramp.inputs[0])
    tree.links.new(ramp.outputs[0], background.inputs[0])
    low, high = ramp.color_ramp.elements
    low.position, low.color = 0.42, (0.20, 0.20, 0.205, 1)
    high.position, high.color = 0.78, (1.0, 0.99, 0.97, 1)
    sky.cycles.sampling_method = "MANUAL"
    sky.cycles.sample_map_resolution = 256


def area(position, size, power, target, colour=(1, 1, 1)):
    data = bpy.data.lights.new("area", "AREA")
    data.size = size
    data.energy = power
    data.color = colour
    light = bpy.data.objects.new("area", data)
    bpy.context.collection.objects.link(light)
    light.location = position
    light.rotation_euler = (target - Vector(position)).to_track_quat("-Z", "Y").to_euler()


# --- materials -------------------------------------------------------------------------------------------------------

def principled(material):
    return next((n for n in material.node_tree.nodes if n.type == "BSDF_PRINCIPLED"), None)


def base_texture(material, shader):
    links = shader.inputs["Base Color"].links
    if not links:
        return None
    node = links[0].from_node
    return node if node.type == "TEX_IMAGE" else None


def mean_colour(image):
    pixels = np.empty(image.size[0] * image.size[1] * 4, np.float32)
    image.pixels.foreach_get(pixels)
    pixels = pixels.reshape(-1, 4)[::17]
    return pixels[:, :3].mean(axis=0)


def shininess(path):
    """Ns and d per material: the importer keeps too little of them."""
    found, name = {}, None
    mtl = os.path.splitext(path)[0] + ".mtl"
    folder = os.path.dirname(path)
    files = [mtl] if os.path.exists(mtl) else [os.path.join(folder, f) for f in os.listdir(folder) if f.lower().endswith(".mtl")]
    for file in files:
        for line in open(file, encoding="latin-1"):
            parts = line.split()
            if not parts:
                continue
            if parts[0] == "newmtl":
                name = " ".join(parts[1:])
                found[name] = {}
            elif name and parts[0] in ("Ns", "d", "Tr", "illum", "Ni"):
                try:
                    found[name][parts[0]] = float(parts[-1])
                except ValueError:
                    continue
            elif name and parts[0] == "Kd" and len(parts) >= 4:
                found[name]["Kd"] = tuple(float(p) for p in parts[1:4])
    return found


METALS = ("metal", "steel", "chrom", "alu", "inox", "silver", "iron", "blade", "acero")


def prepare(material, facts):
    shader = principled(material)
    if shader is None:
        return
    tree = material.node_tree
    texture = base_texture(material, shader)
    if texture and (texture.image is None or not texture.image.has_data and texture.image.size[0] == 0):
        tree.links.remove(shader.inputs["Base Color"].links[0])
        texture = None
    for name in ("Normal", "Specular", "Roughness", "Metallic", "Emission", "Alpha"):
        if name in shader.inputs:
            for link in list(shader.inputs[name].links):
                if name == "Alpha" and texture and texture.image and texture.image.depth == 32:
                    continue
                tree.links.remove(link)
    shader.inputs["Emission Strength"].default_value = 0
    shader.inputs["Metallic"].default_value = 0
    shader.inputs["Specular"].default_value = 0.4
    shininess_value = facts.get("Ns", 10)
    shader.inputs["Roughness"].default_value = min(0.85, max(0.28, 0.9 - 0.29 * math.log10(max(shininess_value, 1.0))))
    kd = facts.get("Kd", (0.7, 0.7, 0.7))
    if texture is None:
        # no surface is whiter than paper or blacker than coal: both lose their shape in the light
        shader.inputs["Base Color"].default_value = tuple(min(0.72, max(0.012, srgb(min(1, c)))) for c in kd) + (1,)
    elif texture.image.depth == 32:
        tree.links.new(texture.outputs["Alpha"], shader.inputs["Alpha"])
    opacity = facts.get("d", 1.0 - facts["Tr"] if "Tr" in facts and facts.get("Tr", 0) < 1 else 1.0)
    if opacity < 0.98:
        glass(material, shader, max(0.12, opacity))
    if any(word in material.name.lower() for word in METALS):
        shader.inputs["Metallic"].default_value = 1.0
        shader.inputs["Roughness"].default_value = 0.3


def glass(material, shader, opacity):
    shader.inputs["Alpha"].default_value = opacity
    shader.inputs["Roughness"].default_value = 0.06
    shader.inputs["Specular"].default_value = 0.8


def override(material, rule, unit):
    """rule: {"color": "#hex"} with optional kind, rough, metal, alpha, tint; unit: how many scene units one metre is."""
    shader = principled(material)
    tree = material.node_tree
    kind = rule.get("kind")
    texture = base_texture(material, shader)
    if "color" in rule:
        colour = linear(rule["color"])
        if texture and rule.get("tint"):
            mean = float(np.dot(mean_colour(texture.image), (0.2126, 0.7152, 0.0722)))
            grey = tree.nodes.new("ShaderNodeRGBToBW")
            gain = tree.nodes.new("ShaderNodeMath")
            gain.operation = "MULTIPLY"
            gain.inputs[1].default_value = 1 / max(srgb(mean), 0.01)
            mix = tree.nodes.new("ShaderNodeVectorMath")
            mix.operation = "MULTIPLY"
            mix.inputs[1].default_value = colour[:3]
            tree.links.new(texture.outputs["Color"], grey.inputs[0])
            tree.links.new(grey.outputs[0], gain.inputs[0])
            tree.links.new(gain.outputs[0], mix.inputs[0])
            tree.links.new(mix.outputs[0], shader.inputs["Base Color"])
        else:
            for link in list(shader.inputs["Base Color"].links):
                tree.links.remove(link)
            for link in list(shader.inputs["Alpha"].links):
                if not rule.get("cutout"):
                    tree.links.remove(link)
            shader.inputs["Base Color"].default_value = colour
            shader.inputs["Alpha"].default_value = 1.0
    presets = {
        "wood": {"Roughness": 0.52, "Specular": 0.3}, "fabric": {"Roughness": 0.92, "Specular": 0.15, "Sheen": 0.35},
        "leather": {"Roughness": 0.42, "Specular": 0.45}, "metal": {"Roughness": 0.3, "Metallic": 1.0},
        "brushed": {"Roughness": 0.42, "Metallic": 1.0}, "lacquer": {"Roughness": 0.34, "Specular": 0.5},
        "matt": {"Roughness": 0.75, "Specular": 0.25}, "ceramic": {"Roughness": 0.14, "Specular": 0.5},
        "plastic": {"Roughness": 0.4, "Specular": 0.45}, "leaf": {"Roughness": 0.5, "Specular": 0.35}, "glass": {},
        "stone": {"Roughness": 0.85, "Specular": 0.2},
    }
    for name, value in presets.get(kind, {}).items():
        shader.inputs[name].default_value = value
    if kind and kind not in ("metal", "brushed"):
        shader.inputs["Metallic"].default_value = 0
    if kind == "glass":
        glass(material, shader, rule.get("alpha", 0.2))
    elif "alpha" in rule:
        shader.inputs["Alpha"].default_value = rule["alpha"]
    if kind == "wood" and not base_texture(material, shader) and not rule.get("tint"):
        grain(tree, shader, colour if "color" in rule else tuple(shader.inputs["Base Color"].default_value), unit, rule.get("axis", "z"))
    if kind == "fabric" and not rule.get("plain"):
        weave(tree, shader, unit)
    if kind == "leather":
        bump(tree, shader, 260 / unit, 0.10, 0.02)
    if kind == "stone":
        bump(tree, shader, 160 / unit, 0.25, 0.02)
    if kind == "glow":
        shader.inputs["Emission"].default_value = linear(rule.get("color", "#fff1d6"))
        shader.inputs["Emission Strength"].default_value = rule.get("power", 0.45)
    if "rough" in rule:
        shader.inputs["Roughness"].default_value = rule["rough"]
    if "metal" in rule:
        shader.inputs["Metallic"].default_value = rule["metal"]


def object_space(tree, stretch):
    coordinates = tree.nodes.new("ShaderNodeTexCoord")
    mapping = tree.nodes.new("ShaderNodeMapping")
    mapping.inputs["Scale"].default_value = stretch
    tree.links.new(coordinates.outputs["Object"], mapping.inputs[0])
    return mapping.outputs[0]


def grain(tree, shader, colour, unit, axis):
    long, across = 2.2 / unit, 38 / unit
    stretch = {"x": (long, across, across), "y": (across, long, across), "z": (across, across, long)}[axis]
    noise = tree.nodes.new("ShaderNodeTexNoise")
    noise.inputs["Scale"].default_value = 1.0
    noise.inputs["Detail"].default_value = 6
    noise.inputs["Distortion"].default_value = 0.35
    tree.links.new(object_space(tree, stretch), noise.inputs["Vector"])
    ramp = tree.nodes.new("ShaderNodeValToRGB")
    low, high = ramp.color_ramp.elements
    low.position, high.position = 0.32, 0.68
    low.color = tuple(c * 0.74 for c in colour[:3]) + (1,)
    high.color = tuple(min(1, c * 1.13) for c in colour[:3]) + (1,)
    tree.links.new(noise.outputs["Fac"], ramp.inputs[0])
    tree.links.new(ramp.outputs[0], shader.inputs["Base Color"])


def bump(tree, shader, scale, strength, distance):
    noise = tree.nodes.new("ShaderNodeTexNoise")
    noise.inputs["Scale"].default_value = scale
    noise.inputs["Detail"].default_value = 2
    tree.links.new(object_space(tree, (1, 1, 1)), noise.inputs["Vector"])
    node = tree.nodes.new("ShaderNodeBump")
    node.inputs["Strength"].default_value = strength
    node.inputs["Distance"].default_value = distance
    tree.links.new(noise.outputs["Fac"], node.inputs["Height"])
    tree.links.new(node.outputs[0], shader.inputs["Normal"])


def weave(tree, shader, unit):
    """Woven cloth: a fine light and dark mottle in the colour, and a bump of the same size."""
    noise = tree.nodes.new("ShaderNodeTexNoise")
    noise.inputs["Scale"].default_value = 260 / unit
    noise.inputs["Detail"].default_value = 1
    tree.links.new(object_space(tree, (1, 1, 1)), noise.inputs["Vector"])
    scale = tree.nodes.new("ShaderNodeMapRange")
    scale.inputs[1].default_value, scale.inputs[2].default_value = 0.3, 0.7
    scale.inputs[3].default_value, scale.inputs[4].default_value = 0.86, 1.12
    tree.links.new(noise.outputs["Fac"], scale.inputs[0])
    mix = tree.nodes.new("ShaderNodeVectorMath")
    mix.operation = "MULTIPLY"
    links = shader.inputs["Base Color"].links
    if links:
        tree.links.new(links[0].from_socket, mix.inputs[0])
    else:
        mix.inputs[0].default_value = tuple(shader.inputs["Base Color"].default_value)[:3]
    tree.links.new(scale.outputs[0], mix.inputs[1])
    tree.links.new(mix.outputs[0], shader.inputs["Base Color"])


# --- one picture -----------------------------------------------------------------------------------------------------

def load_model(path, job):
    bpy.ops.wm.obj_import(filepath=path, forward_axis="NEGATIVE_Z", up_axis="Y")
    meshes = [o for o in bpy.context.scene.objects if o.type == "MESH"]
    bpy.context.view_layer.update()
    hidden = job.get("hide", [])
    for mesh in meshes:
        if hidden:
            drop_faces(mesh, hidden)
    if job.get("single"):
        drop_twins(meshes)
    if job.get("gather"):
        gather(meshes, job["gather"])
    if job.get("smooth"):
        for mesh in meshes:
            mesh.data.use_auto_smooth = True
            mesh.data.auto_smooth_angle = math.radians(job["smooth"])
            mesh.data.polygons.foreach_set("use_smooth", [True] * len(mesh.data.polygons))
    return meshes


def drop_faces(mesh, hidden):
    import bmesh
    slots = [i for i, s in enumerate(mesh.material_slots) if s.material and s.material.name.split(".")[0] in hidden or s.material and s.material.name in hidden]
    if not slots:
        return
    work = bmesh.new()
    work.from_mesh(mesh.data)
    bmesh.ops.delete(work, geom=[f for f in work.faces if f.material_index in slots], context="FACES")
    work.to_mesh(mesh.data)
    work.free()


def drop_twins(meshes):
    """Some models hold panels twice in the same place, which throw shadows on each other."""
    import bmesh
    seen = set()
    for mesh in meshes:
        work = bmesh.new()
        work.from_mesh(mesh.data)
        twins = []
        for face in work.faces:
            middle = mesh.matrix_world @ face.calc_center_median()
            key = tuple(round(c, 2) for c in middle) + (round(face.calc_area(), 1),)
            if key in seen:
                twins.append(face)
            seen.add(key)
        bmesh.ops.delete(work, geom=twins, context="FACES")
        work.to_mesh(mesh.data)
        work.free()


def gather(meshes, share):
    """Lowers the upper half of a set whose parts hang far apart, by a share of its height."""
    points = points_of(meshes)
    low, high = float(points[:, 2].min()), float(points[:, 2].max())
    for mesh in meshes:
        back = mesh.matrix_world.inverted()
        for vertex in mesh.data.vertices:
            place = mesh.matrix_world @ vertex.co
            if place.z > (low + high) / 2:
                place.z -= (high - low) * share
                vertex.co = back @ place
        mesh.data.update()


def points_of(meshes):
    clouds = []
    for mesh in meshes:
        used = np.unique(np.array([v for p in mesh.data.polygons for v in p.vertices], np.int64)) if len(mesh.data.polygons) < 40000 else None
        flat = np.empty(len(mesh.data.vertices) * 3, np.float32)
        mesh.data.vertices.foreach_get("co", flat)
        points = flat.reshape(-1, 3)
        if used is not None:
            points = points[used]
        if not len(points):
            continue
        matrix = np.array(mesh.matrix_world)
        clouds.append(points @ matrix[:3, :3].T + matrix[:3, 3])
    return np.concatenate(clouds)


def stand(meshes, job, yaw):
    """Puts the model on the ground, one unit high or wide, turned by yaw; returns its points and the units per metre."""
    if "stretch" in job:
        for mesh in meshes:
            mesh.matrix_world = Matrix.Diagonal(Vector(job["stretch"] + [1.0])) @ mesh.matrix_world
        bpy.context.view_layer.update()
    points = points_of(meshes)
    tilt = Matrix.Rotation(math.radians(job.get("tilt", 0)), 4, "X")
    turn = Matrix.Rotation(math.radians(yaw + job.get("turn", 0)), 4, "Z") @ tilt
    low, high = points.min(axis=0), points.max(axis=0)
    scale = 1.0 / float((high - low).max())
    centre = Vector(((low + high) / 2).tolist())
    move = turn @ Matrix.Scale(scale, 4) @ Matrix.Translation(-centre)
    for mesh in meshes:
        mesh.matrix_world = move @ mesh.matrix_world
    bpy.context.view_layer.update()
    points = points_of(meshes)
    drop = float(points[:, 2].min())
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    shift = Matrix.Translation(Vector((-float(middle[0]), -float(middle[1]), -drop)))
    for mesh in meshes:
        mesh.matrix_world = shift @ mesh.matrix_world
    bpy.context.view_layer.update()
    return points_of(meshes), scale * 100  # models are in centimetres


def camera(scene, points, elevation):
    data = bpy.data.cameras.new("camera")
    data.lens = LENS
    data.sensor_fit = "VERTICAL"
    data.sensor_height = 36
    eye = bpy.data.objects.new("camera", data)
    bpy.context.collection.objects.link(eye)
    scene.camera = eye
    angle = math.radians(elevation)
    away = Vector((0, -math.cos(angle), math.sin(angle)))
    forward = -away
    right = forward.cross(Vector((0, 0, 1))).normalized()
    up = right.cross(forward)
    height = float(points[:, 2].max())
    target = Vector((0, 0, height / 2))
    local = points - np.array(target)
    across, along, deep = local @ np.array(right), local @ np.array(up), local @ np.array(away)
    half_y = 18 / LENS
    half_x = half_y * 0.8
    near, far = 0.5, 60.0
    for _ in range(50):
        distance = (near + far) / 2
        depth = distance - deep
        if depth.min() <= 0.05:
            near = distance
            continue
        x, y = across / depth, along / depth
        if (x.max() - x.min()) / (2 * half_x) > MARGIN_X or (y.max() - y.min()) / (2 * half_y) > MARGIN_Y:
            near = distance
        else:
            far = distance
    depth = far - deep
    x, y = across / depth, along / depth
    eye.location = target + away * far
    eye.rotation_euler = forward.to_track_quat("-Z", "Y").to_euler()
    # shift is measured in units of the sensor's longer side
    data.shift_x = float((x.max() + x.min()) / 2 / (2 * half_y))
    data.shift_y = float((y.max() + y.min()) / 2 / (2 * half_y)) + (CENTRE_Y - 0.5)
    frame(scene, (x / (2 * half_x) - data.shift_x * 1.25 + 0.5), (y / (2 * half_y) - data.shift_y + 0.5))

    def ground(width, height):
        """Where the ray through the middle of each pixel meets the ground; nan above the horizon."""
        columns = ((np.arange(width) + 0.5) / width - 0.5) * 2 * half_x + data.shift_x * 2 * half_y
        rows = (0.5 - (np.arange(height) + 0.5) / height) * 2 * half_y + data.shift_y * 2 * half_y
        ray = np.array(forward) + columns[None, :, None] * np.array(right) + rows[:, None, None] * np.array(up)
        start = np.array(eye.location)
        fall = np.where(ray[..., 2] < -1e-4, ray[..., 2], np.nan)
        reach = -start[2] / fall
        return start[0] + ray[..., 0] * reach, start[1] + ray[..., 1] * reach

    return ground


def frame(scene, x, y):
    """Only the part with the product is worth rendering."""
    render = scene.render
    render.use_border = True
    render.use_crop_to_border = False
    render.border_min_x = max(0.0, float(x.min()) - 0.01)
    render.border_max_x = min(1.0, float(x.max()) + 0.01)
    render.border_min_y = max(0.0, float(y.min()) - 0.01)
    render.border_max_y = min(1.0, float(y.max()) + 0.01)


def passes(scene, folder):
    scene.use_nodes = True
    tree = scene.node_tree
    for node in list(tree.nodes):
        tree.nodes.remove(node)
    layers = tree.nodes.new("CompositorNodeRLayers")
    output = tree.nodes.new("CompositorNodeOutputFile")
    output.base_path = folder
    output.format.file_format = "OPEN_EXR"
    output.format.color_mode = "RGBA"
    output.format.color_depth = "32"
    output.format.exr_codec = "NONE"
    output.file_slots.clear()
    for name, socket in (("image", "Image"), ("normal", "Denoising Normal"), ("albedo", "Denoising Albedo"), ("index", "IndexOB")):
        output.file_slots.new(name)
        tree.links.new(layers.outputs[socket], output.inputs[name])
    composite = tree.nodes.new("CompositorNodeComposite")
    tree.links.new(layers.outputs["Image"], composite.inputs[0])


def read_exr(path):
    image = bpy.data.images.load(path)
    image.colorspace_settings.name = "Non-Color"
    width, height = image.size
    flat = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(flat)
    bpy.data.images.remove(image)
    os.unlink(path)
    return flat.reshape(height, width, 4)[::-1]


def denoise(colour, normal, albedo, product, levels=4):
    """Edge-avoiding wavelet filter over the light alone: the surface's own colour is divided out and multiplied back, so textures stay
    sharp; surface normals and albedo tell where one thing ends and another begins. Shadows on the transparent ground have neither and
    are smoothed freely."""
    ground = albedo + 0.04
    light = np.concatenate([colour[..., :3] / ground, colour[..., 3:4]], axis=2).astype(np.float32)
    cube = np.concatenate([normal * 4.0, albedo * 5.0, (np.abs(albedo).sum(2, keepdims=True) > 0.02) * 3.0], axis=2).astype(np.float32)
    kernel = (1 / 4, 1 / 2, 1 / 4)
    height, width = light.shape[:2]
    care = np.where(product, 1.0, 0.25).astype(np.float32)
    for level in range(levels):
        step = 1 << level
        pad = step
        lights = np.pad(light, ((pad, pad), (pad, pad), (0, 0)), mode="edge")
        cubes = np.pad(cube, ((pad, pad), (pad, pad), (0, 0)), mode="edge")
        luma = lights[..., :3].mean(2) + lights[..., 3]
        centre_luma = luma[pad:pad + height, pad:pad + width]
        total = np.zeros_like(light)
        weights = np.zeros((height, width), np.float32)
        # the first passes must accept the noise itself; later ones only what is already smooth
        tolerance = 0.55 * 0.55 ** level + 0.035
        for dy in range(-1, 2):
            for dx in range(-1, 2):
                y, x = pad + dy * step, pad + dx * step
                other = cubes[y:y + height, x:x + width]
                gap = ((other - cube) ** 2).sum(2)
                jump = (luma[y:y + height, x:x + width] - centre_luma) / (tolerance * (0.25 + centre_luma))
                jump *= care
                weight = (kernel[dy + 1] * kernel[dx + 1]) * np.exp(-gap - jump * jump)
                weights += weight
                total += lights[y:y + height, x:x + width] * weight[..., None]
        light = total / weights[..., None]
    return np.concatenate([light[..., :3] * ground, light[..., 3:4]], axis=2)


def grown(mask):
    """The mask and one pixel around it."""
    wide = mask.copy()
    for axis in (0, 1):
        for way in (-1, 1):
            wide |= np.roll(mask, way, axis)
    return wide


def blur(values, radius):
    """A box blur by running sums, both ways."""
    for axis in (0, 1):
        pad = [(0, 0), (0, 0)]
        pad[axis] = (radius + 1, radius)
        sums = np.cumsum(np.pad(values, pad, mode="constant"), axis=axis, dtype=np.float64)
        size = values.shape[axis]
        upper = np.take(sums, np.arange(2 * radius + 1, 2 * radius + 1 + size), axis=axis)
        lower = np.take(sums, np.arange(size), axis=axis)
        values = ((upper - lower) / (2 * radius + 1)).astype(np.float32)
    return values


def finish(folder, target, png, shade, clear):
    image = read_exr(os.path.join(folder, "image0001.exr"))
    normal = read_exr(os.path.join(folder, "normal0001.exr"))[..., :3]
    albedo = read_exr(os.path.join(folder, "albedo0001.exr"))[..., :3]
    index = read_exr(os.path.join(folder, "index0001.exr"))[..., 0] > 0.5
    product = grown(index)
    used = image[..., 3] > 0.004
    rows, columns = np.where(used.any(1))[0], np.where(used.any(0))[0]
    if len(rows):
        y0, y1, x0, x1 = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
        part = (slice(y0, y1), slice(x0, x1))
        image = image.copy()
        if clear:  # rays that pass or stop by chance make these as noisy as the picture
            normal, albedo = np.zeros_like(normal), np.full_like(albedo, 0.5)
        image[part] = denoise(image[part], normal[part], albedo[part], product[part] & (not clear))
    alpha = np.clip(image[..., 3:4], 0, 1)
    straight = np.clip(image[..., :3] / np.maximum(alpha, 1e-4), 0, 1)
    encoded = np.where(straight <= 0.0031308, straight * 12.92, 1.055 * straight ** (1 / 2.4) - 0.055)
    if shade is not None:
        under = shade * (1 - alpha[..., 0])
        total = alpha[..., 0] + under
        encoded = encoded * (alpha[..., 0] / np.maximum(total, 1e-4))[..., None] + SHADOW * (under / np.maximum(total, 1e-4))[..., None]
        alpha = total[..., None]
    alpha[alpha < 0.006] = 0
    rgba = (np.concatenate([encoded, alpha], axis=2) * 255 + 0.5).astype(np.uint8)
    rgba[rgba[..., 3] == 0] = 0
    if png:
        Image.fromarray(rgba, "RGBA").save(target.replace(".webp", ".png"))
    save(rgba, target)
    return float(index.mean())


SHADOW = np.array((0.10, 0.09, 0.08), np.float32)
# height above the ground up to which a layer reaches, and how dark its shadow is
LAYERS = ((0.012, 0.62), (0.04, 0.50), (0.10, 0.38), (0.22, 0.26), (0.45, 0.16), (1.01, 0.08))


def surface(meshes, count=200000):
    """Points spread evenly over the model's surface."""
    found = []
    for mesh in meshes:
        mesh.data.calc_loop_triangles()
        triangles = mesh.data.loop_triangles
        if not len(triangles):
            continue
        corners = np.empty(len(triangles) * 3, np.int32)
        triangles.foreach_get("vertices", corners)
        flat = np.empty(len(mesh.data.vertices) * 3, np.float32)
        mesh.data.vertices.foreach_get("co", flat)
        matrix = np.array(mesh.matrix_world)
        found.append((flat.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3])[corners].reshape(-1, 3, 3))
    faces = np.concatenate(found)
    area = np.linalg.norm(np.cross(faces[:, 1] - faces[:, 0], faces[:, 2] - faces[:, 0]), axis=1)
    random = np.random.default_rng(7)
    chosen = faces[random.choice(len(faces), count, p=area / area.sum())]
    a, b = random.random((2, count, 1), dtype=np.float32)
    over = a + b > 1
    a, b = np.where(over, 1 - a, a), np.where(over, 1 - b, b)
    return chosen[:, 0] + a * (chosen[:, 1] - chosen[:, 0]) + b * (chosen[:, 2] - chosen[:, 0])


def ground_shadow(meshes, position):
    """How dark the ground is at each pixel. What stands on the ground darkens it sharply, what hangs above it softly and a little away
    from the key light: every layer of the model is seen from above, blurred by its height and moved along the light."""
    points = surface(meshes)
    size, extent = 512, 1.5
    light = np.ones((size, size), np.float32)
    bottom = 0.0
    for top, dark in LAYERS:
        part = points[(points[:, 2] >= bottom) & (points[:, 2] < top)]
        height = (bottom + top) / 2
        bottom = top
        if not len(part):
            continue
        place = part[:, :2] + np.array((0.34, 0.30)) * height
        cell = ((place / extent + 0.5) * size).astype(np.int32)
        cell = cell[((cell >= 0) & (cell < size)).all(axis=1)]
        layer = np.zeros((size, size), np.float32)
        layer[cell[:, 1], cell[:, 0]] = 1
        radius = max(2, int((0.010 + 0.55 * height) * size / extent / 1.8))
        layer = blur(blur(layer, radius), radius)
        light *= 1 - dark * np.clip(layer * 1.25, 0, 1)
    east, north = position
    inside = np.isfinite(east) & np.isfinite(north)
    x = np.where(inside, (east / extent + 0.5) * size - 0.5, -9)
    y = np.where(inside, (north / extent + 0.5) * size - 0.5, -9)
    inside = (x >= 0) & (x < size - 1) & (y >= 0) & (y < size - 1)
    x, y = np.where(inside, x, 0), np.where(inside, y, 0)
    x0, y0 = x.astype(np.int32), y.astype(np.int32)
    fx, fy = x - x0, y - y0
    shade = 1 - (light[y0, x0] * (1 - fx) * (1 - fy) + light[y0, x0 + 1] * fx * (1 - fy)
                 + light[y0 + 1, x0] * (1 - fx) * fy + light[y0 + 1, x0 + 1] * fx * fy)
    # nothing may touch the frame
    rows, columns = (np.minimum(np.arange(n), np.arange(n)[::-1]) / (0.09 * shade.shape[1]) for n in shade.shape)
    edge = np.clip(np.minimum(rows[:, None], columns[None, :]), 0, 1)
    return np.where(inside, shade * edge * edge * (3 - 2 * edge), 0).astype(np.float32)


def picture(job, models, out, name, angle, colour, options):
    started = time.process_time()
    base = os.path.join(out, "%s-1.webp" % job["handle"])
    change = ratios(job, colour) if colour and os.path.exists(base) else None
    # the first picture is the large one; second angles and colours that cannot be painted are smaller, in the same frame
    width = options["width"] if change or not colour and angle == 1 else options["width"] * 3 // 4
    if change:
        width = Image.open(base).size[0]
    scene = new_scene(width, job.get("samples", options["samples"]))
    path = os.path.join(models, job["library"], job["obj"])
    meshes = load_model(path, job)
    view = {"yaw": -32, "elevation": 13} if angle == 1 else {"yaw": 32, "elevation": 13}
    view.update({k: v for k, v in job.get("view", {}).items()})
    view.update(job.get("view%d" % angle, {}))
    points, unit = stand(meshes, job, view["yaw"])
    for mesh in meshes:
        mesh.pass_index = 1
    facts = shininess(path)
    rules = dict(job.get("materials", {}))
    if colour and not change:
        for key, rule in job["colours"][colour].items():
            rules[key] = {**rules.get(key, {}), **rule}
    unit = max(unit, 1e-4)
    for material in bpy.data.materials:
        if not material.use_nodes:
            continue
        plain = material.name.split(".")[0] if material.name not in facts else material.name
        prepare(material, facts.get(material.name, facts.get(plain, {})))
        rule = rules.get(material.name) or rules.get(plain) or rules.get("*")
        if rule and principled(material):
            override(material, rule, unit)
    if not job.get("hang"):
        bpy.ops.mesh.primitive_plane_add(size=40)
        floor = bpy.context.object
        floor.visible_camera = False  # it gives back light and takes it away; its shadow is drawn by ground_shadow
        paper = bpy.data.materials.new("floor")
        paper.use_nodes = True
        principled(paper).inputs["Base Color"].default_value = (0.62, 0.61, 0.59, 1)
        principled(paper).inputs["Roughness"].default_value = 1.0
        principled(paper).inputs["Specular"].default_value = 0.0
        floor.data.materials.append(paper)
    height = float(points[:, 2].max())
    target = Vector((0, 0, height / 2))
    area((-1.7, -1.9, 2.7), 2.4, 57, target, (1.0, 0.985, 0.96))
    area((2.6, -1.2, 1.5), 2.6, 9, target)
    area((0.9, 2.4, 2.5), 2.0, 22, target)
    ground = camera(scene, points, view["elevation"])
    folder = os.path.join("/tmp", "render-%d" % os.getpid())
    os.makedirs(folder, exist_ok=True)
    passes(scene, folder)
    scene.render.filepath = os.path.join(folder, "unused.png")
    if change:
        paint(scene, job, change, base, os.path.join(out, name), folder)
        print("DONE %s painted in %.1f s" % (name, time.process_time() - started), flush=True)
        return
    bpy.ops.render.render(write_still=False)
    middle = time.process_time()
    shade = None if job.get("hang") else ground_shadow(meshes, ground(width, width * 5 // 4))
    share = finish(folder, os.path.join(out, name), options["png"], shade, job.get("clear", False))
    print("DONE %s %.1f s to render, %.1f s to finish, opaque %.3f" % (name, middle - started, time.process_time() - middle, share), flush=True)


# --- a colour painted over the first picture --------------------------------------------------------------------------

def ratios(job, colour):
    """How much brighter each changed material gets, per channel; None if paint would not look right and a render is needed."""
    found = {}
    for name, new in job["colours"][colour].items():
        old = job.get("materials", {}).get(name, {})
        after = {**old, **new}
        if "color" not in old or "color" not in new or {old.get("kind"), after.get("kind")} & {"metal", "brushed", "glow", "glass"}:
            return None
        before, target = linear(old["color"])[:3], linear(new["color"])[:3]
        ratio = [t / max(b, 0.004) for t, b in zip(target, before)]
        weight = sum(ratio) / 3
        if max(ratio) > 3.5 or weight < 0.16:  # noise would be blown up, or the gloss that a dark surface keeps would be lost
            return None
        if max(ratio) > 2.2 * min(ratio) and old.get("kind") in ("lacquer", "ceramic", "leather", "plastic") and max(ratio) > 1.3:
            return None  # the white gloss would take on a colour
        found[name] = ratio
    if any(rule.get("kind") == "glass" for rule in job.get("materials", {}).values()):
        return None
    return found


def paint(scene, job, change, base, target, folder):
    """Renders how much each point of the picture changes (no light, only the factor) and multiplies the first picture by it."""
    for light in [o for o in scene.objects if o.type == "LIGHT"]:
        bpy.data.objects.remove(light)
    scene.world.node_tree.nodes["Background"].inputs[1].default_value = 0
    scene.cycles.samples = 6
    scene.cycles.use_adaptive_sampling = False
    scene.cycles.max_bounces = 0
    for material in bpy.data.materials:
        shader = principled(material) if material.use_nodes else None
        if shader is None:
            continue
        plain = material.name.split(".")[0]
        factor = change.get(material.name) or change.get(plain)
        own = job.get("materials", {})
        if factor is None and "*" in change and material.name not in own and plain not in own:
            factor = change["*"]
        for name in ("Base Color", "Normal"):
            for link in list(shader.inputs[name].links):
                material.node_tree.links.remove(link)
        shader.inputs["Base Color"].default_value = (0, 0, 0, 1)
        for name in ("Specular", "Sheen", "Metallic"):
            shader.inputs[name].default_value = 0
        shader.inputs["Emission"].default_value = tuple(factor or (1, 1, 1)) + (1,)
        shader.inputs["Emission Strength"].default_value = 1
    bpy.ops.render.render(write_still=False)
    factor = read_exr(os.path.join(folder, "image0001.exr"))
    for name in ("normal", "albedo", "index"):
        os.unlink(os.path.join(folder, name + "0001.exr"))
    cover = np.clip(factor[..., 3:4], 0, 1)
    factor = np.where(cover > 0.02, factor[..., :3] / np.maximum(cover, 1e-3), 1)
    pixels = np.asarray(Image.open(base).convert("RGBA")).astype(np.float32) / 255
    light = np.where(pixels[..., :3] <= 0.04045, pixels[..., :3] / 12.92, ((pixels[..., :3] + 0.055) / 1.055) ** 2.4) * factor
    light = np.clip(light, 0, 1)
    encoded = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    rgba = (np.concatenate([encoded, pixels[..., 3:4]], axis=2) * 255 + 0.5).astype(np.uint8)
    save(rgba, target)


def save(rgba, target):
    temporary = target + ".part"
    Image.fromarray(rgba, "RGBA").save(temporary, "WEBP", quality=82, alpha_quality=85, method=4)
    os.replace(temporary, target)


def worklist(jobs):
    """The shop is usable as early as possible: a picture of everything, then a second one of everything, be it a colour or an angle."""
    def angle(job, number):
        return job, number, None, "%s-%d.webp" % (job["handle"], number)

    def painted(job, colour):
        return bool(ratios(job, colour))

    def colours(pairs):
        return ((job, 1, colour, "%s-1-%s.webp" % (job["handle"], colour)) for job, colour in pairs)

    every = [(job, colour) for job in jobs for colour in job.get("colours", {})]
    cheap = [pair for pair in every if painted(*pair)]
    first = {job["handle"]: (job, colour) for job, colour in reversed(cheap)}
    yield from (angle(job, 1) for job in jobs)
    yield from colours(reversed(first.values()))
    yield from (angle(job, 2) for job in jobs if job["handle"] not in first)
    yield from colours(cheap)
    yield from (angle(job, 2) for job in jobs)
    yield from colours(every)


def main():
    jobs_path, models, out, options = parse_args()
    jobs = json.load(open(jobs_path, encoding="utf-8"))
    os.makedirs(out, exist_ok=True)
    for job, angle, colour, name in worklist(jobs):
        if options["only"] and job["handle"] not in options["only"]:
            continue
        if options["angles"] and ("c" if colour else str(angle)) not in options["angles"]:
            continue
        marker = os.path.join(out, name + ".trying")
        if os.path.exists(os.path.join(out, name)):
            continue
        tries = int(open(marker).read() or 0) if os.path.exists(marker) else 0
        if tries >= 2:
            continue
        with open(marker, "w") as file:
            file.write(str(tries + 1))
        try:
            picture(job, models, out, name, angle, colour, options)
        except Exception as error:  # one broken model must not stop the others; the check at the end names it
            print("FAILED %s: %r" % (name, error), flush=True)
            continue
        os.unlink(marker)


main()
