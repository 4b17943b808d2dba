"""Looks for bad pictures in demo/media: blank, cut off at the frame, missing, or a colour that looks like the first picture.

usage: /usr/bin/python3 tools/render/check.py [--sheet FILE.png [--width 150] [--columns 12] [--match TEXT]]
"""
import json
import os
import sys

import numpy as np
from PIL import Image, ImageDraw

DEMO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "demo")
MEDIA = os.path.join(DEMO, "media")


def expected():
    jobs = json.load(open(os.path.join(DEMO, "catalogue", "render.json"), encoding="utf-8"))
    for job in jobs:
        for angle in (1, 2):
            yield job["handle"], "%s-%d.webp" % (job["handle"], angle), None
        for colour in job.get("colours", {}):
            yield job["handle"], "%s-1-%s.webp" % (job["handle"], colour), colour


def faults(handle, name, colour):
    path = os.path.join(MEDIA, name)
    if not os.path.exists(path):
        return ["is missing"]
    image = Image.open(path).convert("RGBA")
    pixels = np.asarray(image)
    solid = pixels[..., 3] > 60
    found = []
    share = solid.mean()
    if share < 0.012:
        found.append("is nearly blank (%.3f opaque)" % share)
    if share > 0.62:
        found.append("fills the frame (%.2f opaque)" % share)
    if share:
        rows, columns = np.where(solid.any(1))[0], np.where(solid.any(0))[0]
        height, width = solid.shape
        if rows[0] < height * 0.03 or rows[-1] > height * 0.97 or columns[0] < width * 0.03 or columns[-1] > width * 0.97:
            found.append("touches the frame")
        inside = pixels[solid][:, :3].astype(float)
        if inside.mean() < 6 or inside.mean() > 250 or inside.std() < 2:
            found.append("has no shape (mean %.0f, spread %.1f)" % (inside.mean(), inside.std()))
        pink = (inside[:, 0] > 200) & (inside[:, 2] > 200) & (inside[:, 1] < 90)
        if pink.mean() > 0.01:
            found.append("shows a missing texture")
    if colour and os.path.exists(os.path.join(MEDIA, handle + "-1.webp")):
        first = np.asarray(Image.open(os.path.join(MEDIA, handle + "-1.webp")).convert("RGBA").resize((80, 100)), float)
        small = np.asarray(image.resize((80, 100)), float)
        both = (first[..., 3] > 200) & (small[..., 3] > 200)
        if both.any() and np.abs(first - small)[both][:, :3].mean() < 4:
            found.append("looks like the first picture")
    return found


def sheet(names, target, width, columns):
    height = width * 5 // 4
    lines = (len(names) + columns - 1) // columns
    page = Image.new("RGB", (columns * (width + 6), lines * (height + 18)), (250, 249, 246))
    draw = ImageDraw.Draw(page)
    for place, name in enumerate(names):
        x, y = place % columns * (width + 6), place // columns * (height + 18)
        draw.rectangle((x, y, x + width, y + height), fill=(240, 237, 230))
        image = Image.open(os.path.join(MEDIA, name)).convert("RGBA").resize((width, height), Image.LANCZOS)
        page.paste(image, (x, y), image)
        draw.text((x + 2, y + height + 3), name.removesuffix(".webp")[:width // 6], fill=(0, 0, 0))
    page.save(target)


def main():
    options = dict(zip(sys.argv[1::2], sys.argv[2::2]))
    bad = 0
    names = []
    for handle, name, colour in expected():
        found = faults(handle, name, colour)
        if os.path.exists(os.path.join(MEDIA, name)):
            names.append(name)
        for fault in found:
            print("%s %s" % (name, fault))
        bad += bool(found)
    print("%d pictures, %d faulty or missing" % (len(names), bad))
    if "--sheet" in options:
        names = [n for n in names if options.get("--match", "") in n]
        sheet(names, options["--sheet"], int(options.get("--width", 150)), int(options.get("--columns", 12)))
    sys.exit(1 if bad else 0)


main()
