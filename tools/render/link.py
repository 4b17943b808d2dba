"""Takes finished pictures into the catalogue: moves what waited for them from demo/catalogue/waiting.json into products-*.json.

usage: /usr/bin/python3 tools/render/link.py

A second angle waits as a media entry, a colour as its media entry and its variants. Run it after render.sh, then node demo/check.mjs.
"""
import glob
import json
import os

from PIL import Image

DEMO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "demo")
CATALOGUE = os.path.join(DEMO, "catalogue")
MEDIA = os.path.join(DEMO, "media")


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def write(path, data):
    with open(path, "w", encoding="utf-8") as file:
        file.write(json.dumps(data, ensure_ascii=False, indent=1) + "\n")


def focal(name):
    image = Image.open(os.path.join(MEDIA, name))
    box = image.getchannel("A").point(lambda value: 255 if value > 60 else 0).getbbox()
    return [round((box[0] + box[2]) / 2 / image.size[0], 2), round((box[1] + box[3]) / 2 / image.size[1], 2)]


def link(product, late):
    """Moves what has its picture now; returns what still waits."""
    ready = [media for media in late["media"] if os.path.exists(os.path.join(MEDIA, media["file"]))]
    colours = [media["options"]["colour"] for media in ready if media["options"] and not media["file"].endswith("-2.webp")]
    for media in ready:
        media["focal"] = focal(media["file"])
        product["media"].append(media)
    product["media"].sort(key=lambda media: media["file"][-7:] != "-1.webp" and 1 + (media["file"][-7:] != "-2.webp"))
    product["variants"] += [variant for variant in late["variants"] if variant["options"]["colour"] in colours]
    product["attributes"]["colour"] += [colour for colour in colours if colour not in product["attributes"]["colour"]]
    return {
        "media": [media for media in late["media"] if media not in ready],
        "variants": [variant for variant in late["variants"] if variant["options"]["colour"] not in colours],
    }, len(ready)


def main():
    path = os.path.join(CATALOGUE, "waiting.json")
    waiting = read(path)
    moved = 0
    for file in sorted(glob.glob(os.path.join(CATALOGUE, "products-*.json"))):
        products = read(file)
        for product in products:
            late = waiting.pop(product["handle"], None)
            if late:
                rest, count = link(product, late)
                moved += count
                if rest["media"] or rest["variants"]:
                    waiting[product["handle"]] = rest
        write(file, products)
    write(path, dict(sorted(waiting.items())))
    left = sum(len(entry["media"]) for entry in waiting.values())
    print("%d pictures linked, %d still to be rendered" % (moved, left))


main()
