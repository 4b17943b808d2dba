// Checks the demo shop's data: node demo/check.mjs [--without-pictures]. Prints every fault and exits with 1 if there is one.
import { existsSync, openSync, readFileSync, readSync, closeSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(fileURLToPath(import.meta.url))
const withPictures = !process.argv.includes('--without-pictures')
const locales = ['en', 'de', 'nl', 'fr']
const faults = []
const fault = (where, what) => faults.push(`${where}: ${what}`)
const read = (...path) => JSON.parse(readFileSync(join(root, ...path), 'utf8'))
const files = (folder, pattern) => readdirSync(join(root, folder)).filter((name) => pattern.test(name)).sort()

const categories = read('catalogue', 'categories.json')
const collections = read('catalogue', 'collections.json')
const { attributes, product_types: types } = read('catalogue', 'attributes.json')
const products = files('catalogue', /^products-\d+\.json$/).flatMap((name) => read('catalogue', name))
const reviews = read('catalogue', 'reviews.json')
const jobs = read('catalogue', 'render.json')
const pages = files('content/pages', /\.json$/).map((name) => read('content', 'pages', name))
const faq = read('content', 'faq.json')
const menus = read('content', 'menus.json')
const home = read('content', 'home.json')

function texts(where, value, { empty = false } = {}) {
  for (const locale of locales) {
    const text = value?.[locale]
    if (typeof text !== 'string' || (!empty && text.trim() === '')) fault(where, `no text in ${locale}`)
    else if (/lorem|todo|tbd|undefined|\bnull\b|\{\w+\}/i.test(text)) fault(where, `odd text in ${locale}: ${text.slice(0, 60)}`)
  }
  const extra = Object.keys(value ?? {}).filter((key) => !locales.includes(key))
  if (extra.length) fault(where, `unknown locales ${extra}`)
}

function unique(where, list, key) {
  const seen = new Map()
  for (const item of list) {
    const value = key(item)
    if (seen.has(value)) fault(where, `"${value}" twice`)
    seen.set(value, item)
  }
  return seen
}

function slugs(where, list) {
  for (const item of list) texts(`${where} ${item.slug ?? item.handle} slugs`, item.slugs)
  for (const locale of locales) {
    unique(`${where} slugs ${locale}`, list, (item) => item.slugs[locale])
    for (const item of list) if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(item.slugs[locale])) fault(where, `bad slug ${item.slugs[locale]}`)
  }
}

// --- catalogue
const categoryBySlug = unique('categories', categories, (c) => c.slug)
slugs('category', categories)
for (const category of categories) {
  texts(`category ${category.slug} name`, category.name)
  texts(`category ${category.slug} description`, category.description)
  if (category.parent !== null && !categoryBySlug.has(category.parent)) fault(`category ${category.slug}`, `no parent ${category.parent}`)
  if (!products.some((p) => p.categories.some((slug) => slug === category.slug || categoryBySlug.get(slug)?.parent === category.slug))) fault(`category ${category.slug}`, 'is empty')
}

const attributeByCode = unique('attributes', attributes, (a) => a.code)
for (const attribute of attributes) {
  texts(`attribute ${attribute.code}`, attribute.name)
  unique(`attribute ${attribute.code}`, attribute.values, (v) => v.code)
  for (const value of attribute.values) texts(`attribute ${attribute.code}=${value.code}`, value.name)
  if ((attribute.type === 'enum') !== attribute.values.length > 0) fault(`attribute ${attribute.code}`, 'values do not fit its type')
}
const typeByCode = unique('product types', types, (t) => t.code)
for (const type of types) {
  texts(`type ${type.code}`, type.name)
  for (const code of [...type.attributes, ...type.options]) if (!attributeByCode.has(code)) fault(`type ${type.code}`, `no attribute ${code}`)
}

function ean(code) {
  if (!/^200\d{10}$/.test(code)) return false
  const sum = [...code.slice(0, 12)].reduce((total, digit, place) => total + Number(digit) * (place % 2 ? 3 : 1), 0)
  return (10 - (sum % 10)) % 10 === Number(code[12])
}

const value = (code, chosen) => attributeByCode.get(code)?.values.some((v) => v.code === chosen)
const productByHandle = unique('products', products, (p) => p.handle)
slugs('product', products)
unique('skus', products.flatMap((p) => p.variants), (v) => v.sku)
unique('barcodes', products.flatMap((p) => p.variants).filter((v) => v.barcode), (v) => v.barcode)
const pictures = new Set()
for (const product of products) {
  const where = `product ${product.handle}`
  for (const field of ['name', 'subtitle', 'description']) texts(`${where} ${field}`, product[field])
  for (const locale of locales) {
    const words = product.description[locale]?.split(/\s+/).length ?? 0
    if (words < 12 || words > 90) fault(where, `description in ${locale} has ${words} words`)
  }
  const type = typeByCode.get(product.type)
  if (!type) fault(where, `no type ${product.type}`)
  if (!product.categories.length) fault(where, 'no category')
  for (const slug of product.categories) if (!categoryBySlug.has(slug)) fault(where, `no category ${slug}`)
  for (const [code, chosen] of Object.entries(product.attributes)) {
    const attribute = attributeByCode.get(code)
    if (!attribute) fault(where, `no attribute ${code}`)
    else if (!type?.attributes.includes(code) && !type?.options.includes(code)) fault(where, `attribute ${code} is not of type ${product.type}`)
    else if (attribute.type === 'enum') for (const one of chosen) if (!value(code, one)) fault(where, `no ${code}=${one}`)
    if (attribute?.type === 'number' && !(chosen > 0)) fault(where, `${code} is ${chosen}`)
    if (attribute?.type === 'bool' && typeof chosen !== 'boolean') fault(where, `${code} is ${chosen}`)
  }
  for (const code of product.options) if (!type?.options.includes(code)) fault(where, `option ${code} is not of its type`)
  if (!product.variants.length) fault(where, 'no variant')
  if (!product.options.length && product.variants.length !== 1) fault(where, 'a simple product has one variant')
  unique(`${where} variants`, product.variants, (v) => JSON.stringify(product.options.map((code) => v.options[code])))
  for (const variant of product.variants) {
    if (Object.keys(variant.options).sort().join() !== [...product.options].sort().join()) fault(variant.sku, 'options differ from the product')
    for (const [code, chosen] of Object.entries(variant.options)) {
      if (!value(code, chosen)) fault(variant.sku, `no ${code}=${chosen}`)
      if (!product.attributes[code]?.includes(chosen)) fault(variant.sku, `${code}=${chosen} is not among the product's attributes`)
    }
    if (!Number.isInteger(variant.price) || variant.price <= 0 || variant.price % 100) fault(variant.sku, `price ${variant.price}`)
    if (variant.compare_at !== null && !(variant.compare_at > variant.price)) fault(variant.sku, `compare_at ${variant.compare_at}`)
    // A gift card is an amount: nothing lies on a shelf, and nothing is sent.
    if (product.type === 'gift_card') continue
    if (!Number.isInteger(variant.stock) || variant.stock < 0) fault(variant.sku, `stock ${variant.stock}`)
    for (const field of ['weight_g', 'length_mm', 'width_mm', 'height_mm']) if (!(Number.isInteger(variant[field]) && variant[field] > 0)) fault(variant.sku, `${field} ${variant[field]}`)
    if (!ean(variant.barcode)) fault(variant.sku, `barcode ${variant.barcode}`)
    if (withPictures && variant.options.colour && !product.media.some((m) => m.options?.colour === variant.options.colour)) fault(variant.sku, 'no picture of this colour')
  }
  if (withPictures && product.media.length < (product.type === 'gift_card' ? 1 : 2)) fault(where, `${product.media.length} pictures`)
  for (const media of product.media) {
    texts(`${where} ${media.file} alt`, media.alt)
    if (pictures.has(media.file)) fault(where, `${media.file} used twice`)
    pictures.add(media.file)
    if (!media.focal.every((n) => n >= 0 && n <= 1)) fault(where, `focal ${media.focal}`)
    for (const [code, chosen] of Object.entries(media.options ?? {})) if (!value(code, chosen)) fault(where, `${media.file}: no ${code}=${chosen}`)
  }
  if (Number.isNaN(Date.parse(product.published_from))) fault(where, `published_from ${product.published_from}`)
  if (product.type === 'gift_card') continue // drawn: tools/render/gift-card.svg
  if (!jobs.some((job) => job.handle === product.handle)) fault(where, 'has no render job')
  for (const field of ['library', 'id', 'licence', 'creator']) if (!product.model[field]) fault(where, `model.${field} is missing`)
}
for (const field of ['name', 'subtitle', 'description']) for (const locale of locales) unique(`product ${field} ${locale}`, products, (p) => p[field][locale])
for (const [locale, word] of Object.entries({ en: /\bchair\b/i, de: /\bstuhl\b/i, nl: /\bstoel\b/i, fr: /\bchaise\b/i })) {
  const found = products.filter((p) => word.test(p.name[locale]))
  if (found.length < 8) fault('search', `only ${found.length} products are called ${word} in ${locale}`)
}

slugs('collection', collections)
for (const collection of collections) {
  texts(`collection ${collection.slug} name`, collection.name)
  texts(`collection ${collection.slug} description`, collection.description)
  for (const handle of collection.products) if (!productByHandle.has(handle)) fault(`collection ${collection.slug}`, `no product ${handle}`)
  if (collection.kind === 'rule' && !products.some((p) => p.attributes[collection.rule.attribute]?.includes(collection.rule.value))) fault(`collection ${collection.slug}`, 'its rule finds nothing')
  if (collection.kind === 'manual' && !collection.products.length) fault(`collection ${collection.slug}`, 'is empty')
}

unique('reviews', reviews, (r) => r.body)
unique('reviews per person', reviews, (r) => `${r.product} ${r.author}`)
for (const review of reviews) {
  const where = `review of ${review.product} by ${review.author}`
  if (!productByHandle.has(review.product)) fault(where, 'no such product')
  if (!(Number.isInteger(review.rating) && review.rating >= 1 && review.rating <= 5)) fault(where, `rating ${review.rating}`)
  if (!locales.includes(review.locale)) fault(where, `locale ${review.locale}`)
  if (!review.title || !review.body) fault(where, 'is empty')
  if (Number.isNaN(Date.parse(review.created))) fault(where, `created ${review.created}`)
}

// --- content
const pageBySlug = unique('pages', pages, (p) => p.slug)
slugs('page', pages)
const paths = {}
for (const locale of locales) {
  paths[locale] = new Set(['/faq'])
  for (const page of pages) paths[locale].add(`/p/${page.slugs[locale]}`)
  for (const category of categories) paths[locale].add(`/c/${category.slugs[locale]}`)
  for (const collection of collections) paths[locale].add(`/collections/${collection.slugs[locale]}`)
}
function links(where, value) {
  for (const locale of locales) for (const [, href] of (value?.[locale] ?? '').matchAll(/\]\(([^)]+)\)/g)) {
    if (href.startsWith('/') ? !paths[locale].has(href) : !/^https:\/\//.test(href)) fault(where, `${locale} links to ${href}`)
  }
}
for (const page of pages) {
  for (const field of ['title', 'seo_title', 'seo_description', 'body']) texts(`page ${page.slug} ${field}`, page[field])
  links(`page ${page.slug}`, page.body)
  if (page.image && !productByHandle.has(page.image)) fault(`page ${page.slug}`, `no product ${page.image}`)
}
for (const locale of locales) unique(`page bodies ${locale}`, pages, (p) => p.body[locale])
const questions = faq.groups.flatMap((group) => group.items)
if (questions.length < 12) fault('faq', `only ${questions.length} questions`)
for (const group of faq.groups) texts('faq group', group.title)
for (const item of questions) {
  texts('faq question', item.question)
  texts(`faq ${item.question.en}`, item.answer)
  links(`faq ${item.question.en}`, item.answer)
}

function target(where, to) {
  const known = { category: categoryBySlug, page: pageBySlug, collection: new Map(collections.map((c) => [c.slug, c])), route: new Map([['faq', 1]]) }
  if (!known[to.kind]?.has(to.slug)) fault(where, `points to ${to.kind} ${to.slug}`)
}
function menu(items) {
  for (const item of items) {
    texts('menu item', item.label)
    if (item.target) target(`menu ${item.label.en}`, item.target)
    else if (!item.children?.length) fault(`menu ${item.label.en}`, 'points nowhere')
    if (item.children) menu(item.children)
  }
}
Object.values(menus).forEach(menu)
texts('home hero', home.hero.title)
texts('home hero', home.hero.text)
texts('home hero', home.hero.cta.label)
target('home hero', home.hero.cta.target)
for (const room of home.rooms) {
  texts('home room', room.title)
  texts('home room', room.text)
  target(`home ${room.title.en}`, room.target)
}
texts('home story', home.story.title)
texts('home story', home.story.text)
for (const promise of home.promises) texts('home promise', promise)
for (const handle of [home.hero.image, home.story.image, ...home.rooms.map((room) => room.image), ...home.reviews]) if (!productByHandle.has(handle)) fault('home', `no product ${handle}`)
if (!pageBySlug.has(home.story.page)) fault('home', `no page ${home.story.page}`)

// --- pictures
let bytes = 0
if (withPictures) {
  for (const category of categories) if (category.image && !pictures.has(category.image)) fault(`category ${category.slug}`, `no picture ${category.image}`)
  for (const file of pictures) {
    const path = join(root, 'media', file)
    if (!existsSync(path)) { fault(file, 'is missing'); continue }
    const size = statSync(path).size
    bytes += size
    if (size < 2000 || size > 160000) fault(file, `${size} bytes`)
    const head = Buffer.alloc(30)
    const handle = openSync(path, 'r')
    readSync(handle, head, 0, 30, 0)
    closeSync(handle)
    if (head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8, 16) !== 'WEBPVP8X') { fault(file, 'is no WebP with alpha'); continue }
    const width = head.readUIntLE(24, 3) + 1
    const height = head.readUIntLE(27, 3) + 1
    if (!(head[20] & 0x10)) fault(file, 'has no alpha')
    if (width * 5 !== height * 4) fault(file, `is ${width}x${height}, not 4:5`)
  }
  for (const file of files('media', /\.webp$/)) if (!pictures.has(file)) fault(file, 'is used by no product')
  if (bytes > 40e6) fault('media', `${(bytes / 1e6).toFixed(1)} MB`)
}
for (const folder of ['catalogue', 'content', 'content/pages']) for (const name of files(folder, /\.json$/)) if (statSync(join(root, folder, name)).size > 400e3) fault(`${folder}/${name}`, 'is larger than 400 KB')

console.log(`${products.length} products, ${products.flatMap((p) => p.variants).length} variants, ${products.filter((p) => p.options.includes('colour')).length} with colours, ${categories.length} categories, ${reviews.length} reviews, ${pages.length} pages, ${questions.length} questions, ${pictures.size} pictures (${(bytes / 1e6).toFixed(1)} MB)`)
for (const line of faults) console.log(line)
process.exit(faults.length ? 1 : 0)
