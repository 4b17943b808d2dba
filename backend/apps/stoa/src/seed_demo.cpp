#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>

#include "seed.hpp"
#include "stoa/catalog/catalog.hpp"
#include "stoa/catalog/rules.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/json/value.hpp"

namespace stoa::app {
namespace {

using catalog::kLocales;

constexpr std::string_view kPaper = "#f1eee7";  // what cut-out pictures stand on
// Reductions of the demo began here; a fixed day, so that a second run changes nothing.
constexpr std::string_view kSaleStart = "2026-11-09T00:00:00Z";
constexpr std::string_view kPricesSince = "2026-01-01T00:00:00Z";

json::Value read_json(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path.string());
    std::ostringstream text;
    text << file.rdbuf();
    json::ReadLimits limits;
    limits.max_bytes = 64 << 20;
    auto value = json::parse(text.str(), limits);
    if (!value) throw std::runtime_error(path.string() + ": " + value.error().message);
    return std::move(*value);
}

const std::vector<json::Value>& items(const json::Value& value, std::string_view key) {
    static const std::vector<json::Value> kEmpty;
    const auto* found = value.find(key);
    return found && found->is_array() ? found->items() : kEmpty;
}

catalog::Texts texts(const json::Value* value) {
    catalog::Texts out;
    if (!value || !value->is_object()) return out;
    for (const auto& [locale, text] : value->members()) {
        if (text.is_string() && !text.text().empty()) out.emplace(locale, text.text());
    }
    return out;
}

std::string text_at(const json::Value* value, std::string_view locale) {
    const auto* found = value ? value->find(locale) : nullptr;
    return found && found->is_string() ? found->text() : std::string();
}

Timestamp instant(const std::string& text) {
    if (const auto day = parse_iso_date(text)) return start_of(*day);
    if (const auto at = parse_timestamp(text)) return *at;
    throw std::runtime_error("'" + text + "' is not a day or a time");
}

template <class T>
T must(Result<T> result, const std::string& what) {
    if (!result) throw std::runtime_error(what + ": " + result.error().message);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

std::int64_t milli_of(const json::Value& value, const std::string& what) {
    std::int64_t out = 0;
    if (!value.is_number() || !catalog::parse_milli(value.text(), out))
        throw std::runtime_error(what + ": expected a number with at most three decimal places");
    return out;
}

class Demo {
public:
    Demo(const SeedDeps& deps, std::filesystem::path directory, const Progress& progress)
        : deps_(deps), directory_(std::move(directory)), progress_(progress) {}

    DemoResult run() {
        structure();
        products();
        collections();
        reviews();
        content();
        return done_;
    }

private:
    // ---- pictures -------------------------------------------------------------------------------------------------------
    struct Picture {
        catalog::AssetId id;
        content::PictureDto dto;  // alt is set per language
    };
    // Nothing when the file has not been rendered yet.
    std::optional<Picture> picture(db::Tx& tx, const std::string& file, const catalog::Texts& alt, int focal_x, int focal_y) {
        if (const auto known = pictures_.find(file); known != pictures_.end()) return known->second;
        std::ifstream in(directory_ / "media" / file, std::ios::binary);
        if (!in || file.find('/') != std::string::npos) {
            if (missing_.insert(file).second) ++done_.pictures_missing;
            return std::nullopt;
        }
        std::ostringstream buffer;
        buffer << in.rdbuf();
        const auto bytes = buffer.str();
        const auto info = storage::probe_image(bytes);
        if (!info) throw std::runtime_error(file + " is not a picture that the shop can show");
        catalog::Asset asset;
        asset.sha256 = crypto::hex(crypto::sha256(bytes));
        asset.id = catalog::AssetId::derived(asset.sha256 + "/" + file);
        asset.name = file;
        asset.content_type = file.ends_with(".png") ? "image/png" : file.ends_with(".jpg") ? "image/jpeg" : "image/webp";
        asset.width = info->width;
        asset.height = info->height;
        asset.focal_x = focal_x;
        asset.focal_y = focal_y;
        asset.background = info->has_alpha ? std::string(kPaper) : std::string();
        asset.placeholder = storage::placeholder_uri(bytes);
        asset.alt = alt;
        deps_.media.put(storage::original_key(asset.sha256), bytes, asset.content_type);
        Picture out;
        out.id = must(deps_.catalog.upsert_asset(tx, asset), file);
        asset.id = out.id;
        const auto dto = catalog::image_dto(asset, "en");
        out.dto = {dto.id.to_string(), dto.src, dto.alt, dto.width, dto.height, dto.focal_x, dto.focal_y, dto.background, dto.placeholder};
        alt_[file] = alt;
        ++done_.pictures;
        pictures_.emplace(file, out);
        return out;
    }
    // "isar-chair-1.webp", or a product's handle: its first picture. Named by whatever uses it.
    std::optional<Picture> picture_for(db::Tx& tx, const json::Value* name, const catalog::Texts& alt) {
        if (!name || !name->is_string() || name->text().empty()) return std::nullopt;
        const auto file = name->text().find('.') == std::string::npos ? name->text() + "-1.webp" : name->text();
        if (const auto owner = media_texts_.find(file); owner != media_texts_.end()) return picture_of(tx, *owner->second);
        return picture(tx, file, alt, 500, 500);
    }
    content::PictureDto in_locale(const Picture& picture, std::string_view locale, std::string_view fallback) const {
        auto out = picture.dto;
        const auto file = out.src.substr(out.src.rfind('/') + 1);
        const auto alt = alt_.find(file);
        out.alt = alt == alt_.end() ? std::string() : std::string(catalog::text_in(alt->second, locale));
        if (out.alt.empty()) out.alt = fallback;
        return out;
    }

    // ---- catalogue ------------------------------------------------------------------------------------------------------
    static catalog::PageTexts page_texts(const json::Value& value) {
        catalog::PageTexts out;
        for (const auto& [locale, name] : texts(value.find("name"))) {
            auto& text = out[locale];
            text.name = name;
            text.subtitle = text_at(value.find("subtitle"), locale);
            text.description = text_at(value.find("description"), locale);
            text.slug = text_at(value.find("slugs"), locale);
            text.seo_title = text_at(value.find("seo_title"), locale);
            text.seo_description = text_at(value.find("seo_description"), locale);
            if (const auto* words = value.at("keywords", locale)) {
                for (const auto& word : words->items()) text.keywords += (text.keywords.empty() ? "" : " ") + word.text();
            }
        }
        return out;
    }

    void structure() {
        const auto file = read_json(directory_ / "catalogue" / "attributes.json");
        const auto categories = read_json(directory_ / "catalogue" / "categories.json");
        // Pictures are named by the products that show them: read their texts before the categories borrow them.
        load_product_files();
        deps_.database.in_tx([&](db::Tx& tx) {
            int position = 0;
            for (const auto& item : items(file, "attributes")) {
                catalog::Attribute attribute;
                attribute.code = item.text_or("code");
                const auto type = item.text_or("type");
                attribute.kind = type == "number" ? catalog::AttributeKind::number
                                 : type == "bool" ? catalog::AttributeKind::flag
                                 : type == "text" ? catalog::AttributeKind::text
                                                  : catalog::AttributeKind::choice;
                attribute.unit = item.text_or("unit");
                attribute.names = texts(item.find("name"));
                attribute.filterable = item.bool_or("filterable", true);
                attribute.position = position++;
                for (const auto& value : items(item, "values"))
                    attribute.values.push_back({value.text_or("code"), texts(value.find("name")), value.text_or("swatch")});
                must(deps_.catalog.upsert_attribute(tx, attribute), "attribute " + attribute.code);
                kinds_.emplace(attribute.code, attribute.kind);
            }
            for (const auto& item : items(file, "product_types")) {
                catalog::ProductType type{item.text_or("code"), texts(item.find("name")), {}};
                for (const auto& list : {"attributes", "options"}) {
                    for (const auto& code : items(item, list)) {
                        if (std::ranges::find(type.attributes, code.text()) == type.attributes.end())
                            type.attributes.push_back(code.text());
                    }
                }
                must(deps_.catalog.upsert_type(tx, type), "product type " + type.code);
            }
            for (const auto& item : categories.items()) {
                catalog::Category category;
                category.handle = item.text_or("slug");
                category.id = catalog::CategoryId::derived("demo:" + category.handle);
                category.position = static_cast<int>(item.int_or("position"));
                category.texts = page_texts(item);
                if (const auto* parent = item.find("parent"); parent && parent->is_string()) {
                    const auto known = categories_.find(parent->text());
                    if (known == categories_.end())
                        throw std::runtime_error("category " + category.handle + ": its parent '" + parent->text() +
                                                 "' does not come before it");
                    category.parent = known->second;
                }
                if (const auto image = picture_for(tx, item.find("image"), names_of(item))) category.image = image->id;
                const auto id = must(deps_.catalog.upsert_category(tx, category), "category " + category.handle);
                categories_.emplace(category.handle, id);
                slugs_["category/" + category.handle] = slugs_of(category.texts);
            }
        });
        progress_(fmt::format("demo: {} attributes, {} categories", kinds_.size(), categories_.size()));
    }
    static catalog::Texts names_of(const json::Value& item) { return texts(item.find("name")); }
    static catalog::Texts slugs_of(const catalog::PageTexts& texts) {
        catalog::Texts out;
        for (const auto& [locale, text] : texts) out.emplace(locale, text.slug);
        return out;
    }

    void load_product_files() {
        std::vector<std::filesystem::path> files;
        for (const auto& entry : std::filesystem::directory_iterator(directory_ / "catalogue")) {
            const auto name = entry.path().filename().string();
            if (name.starts_with("products") && name.ends_with(".json")) files.push_back(entry.path());
        }
        std::ranges::sort(files);
        for (const auto& path : files) {
            product_files_.push_back(std::make_unique<json::Value>(read_json(path)));
        }
        for (const auto& list : product_files_) {
            for (const auto& item : list->items()) {
                for (const auto& media : items(item, "media")) media_texts_[media.text_or("file")] = &media;
            }
        }
    }

    void products() {
        std::vector<const json::Value*> all;
        for (const auto& list : product_files_) {
            for (const auto& item : list->items()) all.push_back(&item);
        }
        constexpr std::size_t kBatch = 20;
        for (std::size_t at = 0; at < all.size(); at += kBatch) {
            const auto end = std::min(all.size(), at + kBatch);
            deps_.database.in_tx([&](db::Tx& tx) {
                const auto lists = save_public_lists(tx, deps_.prices, deps_.clock.now());
                for (std::size_t i = at; i < end; ++i) product(tx, *all[i], lists);
            });
            progress_(fmt::format("demo: {} of {} products", end, all.size()));
        }
    }

    void product(db::Tx& tx, const json::Value& item, const PublicLists& lists) {
        catalog::Product product;
        product.handle = item.text_or("handle");
        const auto what = "product " + product.handle;
        product.id = catalog::ProductId::derived("demo:" + product.handle);
        product.type = item.text_or("type");
        product.texts = page_texts(item);
        product.popularity = item.int_or("popularity");
        product.handling_days = static_cast<int>(item.int_or("handling_days", 1));
        if (const auto from = item.text_or("published_from"); !from.empty()) product.published_from = instant(from);
        for (const auto& name : items(item, "categories")) {
            const auto known = categories_.find(name.text());
            if (known == categories_.end()) throw std::runtime_error(what + ": there is no category '" + name.text() + "'");
            if (!product.category)
                product.category = known->second;
            else
                product.more_categories.push_back(known->second);
        }
        for (const auto& option : items(item, "options")) product.options.push_back(option.text());
        if (const auto* attributes = item.find("attributes")) {
            for (const auto& [code, value] : attributes->members()) {
                // Values of options come from the variants.
                if (std::ranges::find(product.options, code) != product.options.end() || value.is_null()) continue;
                const auto kind = kinds_.find(code);
                if (kind == kinds_.end()) throw std::runtime_error(what + ": there is no attribute '" + code + "'");
                catalog::AttributeSetting setting;
                setting.attribute = code;
                switch (kind->second) {
                    case catalog::AttributeKind::choice:
                        if (value.is_string()) setting.values.push_back(value.text());
                        for (const auto& each : value.items()) setting.values.push_back(each.text());
                        if (setting.values.empty()) continue;
                        break;
                    case catalog::AttributeKind::number:
                        setting.number_milli = milli_of(value, what + ", " + code);
                        break;
                    case catalog::AttributeKind::flag:
                        setting.flag = value.as_bool();
                        break;
                    case catalog::AttributeKind::text:
                        setting.text = texts(&value);
                        break;
                }
                product.attributes.push_back(std::move(setting));
            }
        }
        std::vector<std::pair<std::map<std::string, std::string>, catalog::AssetId>> by_options;
        for (const auto& media : items(item, "media")) {
            const auto image = picture_of(tx, media);
            if (!image) continue;
            auto options = texts(media.find("options"));
            by_options.emplace_back(options, image->id);
            product.media.push_back({image->id, std::move(options)});
        }
        std::vector<std::string> skus;
        for (const auto& entry : items(item, "variants")) {
            catalog::Variant variant;
            variant.sku = entry.text_or("sku");
            variant.id = catalog::VariantId::derived("demo:" + variant.sku);
            variant.barcode = entry.text_or("barcode");
            variant.options = texts(entry.find("options"));
            variant.weight_grams = entry.int_or("weight_g");
            variant.length_mm = entry.int_or("length_mm");
            variant.width_mm = entry.int_or("width_mm");
            variant.height_mm = entry.int_or("height_mm");
            for (const auto& [options, asset] : by_options) {
                const bool shows = !options.empty() && std::ranges::all_of(options, [&](const auto& option) {
                    const auto own = variant.options.find(option.first);
                    return own != variant.options.end() && own->second == option.second;
                });
                if (shows) {
                    variant.image = asset;
                    break;
                }
            }
            skus.push_back(variant.sku);
            product.variants.push_back(std::move(variant));
        }
        const auto before = deps_.reader.variants_by_sku(tx, skus);
        const auto id = must(deps_.catalog.upsert_product(tx, product), what);
        products_.emplace(product.handle, id);
        slugs_["product/" + product.handle] = slugs_of(product.texts);
        const auto after = deps_.reader.variants_by_sku(tx, skus);
        ++done_.products;
        done_.variants += static_cast<int>(skus.size());

        // A card of a hundred is a hundred of whatever it is paid with.
        const bool gift_card = product.type == catalog::kGiftCardType;
        const auto in = [&](std::int64_t price, std::int64_t per_hundred_eur) {
            return gift_card ? price : converted(price, per_hundred_eur);
        };
        std::vector<pricing::PriceEntry> eur, gbp, chf;
        for (const auto& entry : items(item, "variants")) {
            const auto& [variant, of_product] = after.at(entry.text_or("sku"));
            const auto price = entry.int_or("price");
            if (price <= 0) throw std::runtime_error(what + ": variant " + entry.text_or("sku") + " has no price");
            const auto regular = entry.int_or("compare_at");
            add_price(eur, variant, price, regular);
            add_price(gbp, variant, in(price, kGbpPerHundredEur), regular > 0 ? converted(regular, kGbpPerHundredEur) : 0);
            add_price(chf, variant, in(price, kChfPerHundredEur), regular > 0 ? converted(regular, kChfPerHundredEur) : 0);
            if (!gift_card && !before.contains(entry.text_or("sku")))
                deps_.inventory.set_on_hand(tx, variant, entry.int_or("stock"), "seed");
        }
        set_where_none(tx, lists.eur, std::move(eur));
        set_where_none(tx, lists.gbp, std::move(gbp));
        set_where_none(tx, lists.chf, std::move(chf));
    }
    // `make run` seeds again: what staff set meanwhile stays.
    void set_where_none(db::Tx& tx, pricing::PriceListId list, std::vector<pricing::PriceEntry> entries) {
        std::vector<catalog::VariantId> variants;
        for (const auto& entry : entries) variants.push_back(entry.variant);
        std::set<catalog::VariantId> priced;
        for (const auto& entry : deps_.prices.entries(tx, list, variants)) priced.insert(entry.variant);
        std::erase_if(entries, [&](const pricing::PriceEntry& entry) { return priced.contains(entry.variant); });
        deps_.prices.set_prices(tx, list, entries, *parse_timestamp(kPricesSince));
    }
    static void add_price(std::vector<pricing::PriceEntry>& out, catalog::VariantId variant, std::int64_t price, std::int64_t regular) {
        if (regular <= price) {
            out.push_back({variant, {{1, price}}, {}, {}});
            return;
        }
        out.push_back({variant, {{1, regular}}, {}, {}});
        out.push_back({variant, {{1, price}}, *parse_timestamp(kSaleStart), {}});
    }
    std::optional<Picture> picture_of(db::Tx& tx, const json::Value& media) {
        int focal_x = 500;
        int focal_y = 500;
        if (const auto& focal = items(media, "focal"); focal.size() == 2) {
            focal_x = static_cast<int>(std::clamp<std::int64_t>(milli_of(focal[0], "focal"), 0, 1000));
            focal_y = static_cast<int>(std::clamp<std::int64_t>(milli_of(focal[1], "focal"), 0, 1000));
        }
        return picture(tx, media.text_or("file"), texts(media.find("alt")), focal_x, focal_y);
    }

    void collections() {
        const auto file = read_json(directory_ / "catalogue" / "collections.json");
        deps_.database.in_tx([&](db::Tx& tx) {
            int position = 0;
            for (const auto& item : file.items()) {
                catalog::Collection collection;
                collection.handle = item.text_or("slug");
                collection.id = catalog::CollectionId::derived("demo:" + collection.handle);
                collection.position = position++;
                collection.texts = page_texts(item);
                if (item.text_or("kind") == "rule") {
                    catalog::Rule rule;
                    const auto* stated = item.find("rule");
                    if (!stated) throw std::runtime_error("collection " + collection.handle + " has no rule");
                    std::vector<const json::Value*> conditions;
                    if (stated->is_array()) {
                        for (const auto& each : stated->items()) conditions.push_back(&each);
                    } else {
                        conditions.push_back(stated);
                    }
                    for (const auto* each : conditions) {
                        catalog::Condition condition;
                        if (each->find("attribute"))
                            condition = {"attribute:" + each->text_or("attribute"), {}, false};
                        else if (each->find("category"))
                            condition = {"category", {each->text_or("category")}, false};
                        else
                            throw std::runtime_error("collection " + collection.handle + ": this rule is not understood");
                        if (const auto value = each->text_or("value"); !value.empty()) condition.values.push_back(value);
                        for (const auto& value : items(*each, "values")) condition.values.push_back(value.text());
                        rule.conditions.push_back(std::move(condition));
                    }
                    collection.rule = std::move(rule);
                } else {
                    for (const auto& handle : items(item, "products")) {
                        const auto known = products_.find(handle.text());
                        if (known == products_.end())
                            throw std::runtime_error("collection " + collection.handle + ": there is no product '" + handle.text() + "'");
                        collection.products.push_back(known->second);
                    }
                }
                if (const auto image = picture_for(tx, item.find("image"), names_of(item))) collection.image = image->id;
                must(deps_.catalog.upsert_collection(tx, collection), "collection " + collection.handle);
                slugs_["collection/" + collection.handle] = slugs_of(collection.texts);
            }
        });
    }

    void reviews() {
        const auto path = directory_ / "catalogue" / "reviews.json";
        if (!std::filesystem::exists(path)) return;
        const auto file = read_json(path);
        deps_.database.in_tx([&](db::Tx& tx) {
            int number = 0;
            for (const auto& item : file.items()) {
                catalog::Review review;
                const auto known = products_.find(item.text_or("product"));
                if (known == products_.end())
                    throw std::runtime_error("a review is about '" + item.text_or("product") + "', which is not a product");
                review.product = known->second;
                review.author = item.text_or("author");
                review.locale = item.text_or("locale", "en");
                review.rating = item.int_or("rating");
                review.title = item.text_or("title");
                review.body = item.text_or("body");
                review.verified = item.bool_or("verified", true);
                review.state = catalog::ReviewState::approved;
                review.created_at = instant(item.text_or("created"));
                review.id = catalog::ReviewId::derived(fmt::format("demo:{}:{}:{}", item.text_or("product"), review.author, review.title));
                must(deps_.catalog.put_review(tx, review), fmt::format("review {} of {}", ++number, item.text_or("product")));
                ++done_.reviews;
            }
        });
    }

    // ---- content --------------------------------------------------------------------------------------------------------
    std::string href(const json::Value* target, std::string_view locale) const {
        if (!target || !target->is_object()) return {};
        const auto kind = target->text_or("kind");
        const auto slug = target->text_or("slug");
        if (kind == "route") return "/" + slug;
        const auto known = slugs_.find((kind == "story" ? "page" : kind) + "/" + slug);
        if (known == slugs_.end()) throw std::runtime_error("a link leads to the " + kind + " '" + slug + "', which does not exist");
        const auto translated = std::string(catalog::text_in(known->second, locale));
        if (kind == "category") return "/c/" + translated;
        if (kind == "collection") return "/collections/" + translated;
        if (kind == "product") return "/products/" + translated;
        return (stories_.contains(slug) ? "/stories/" : "/p/") + translated;
    }

    void content() {
        const auto directory = directory_ / "content";
        if (!std::filesystem::exists(directory)) return;
        std::vector<std::filesystem::path> files;
        if (std::filesystem::exists(directory / "pages")) {
            for (const auto& entry : std::filesystem::directory_iterator(directory / "pages")) {
                if (entry.path().extension() == ".json") files.push_back(entry.path());
            }
        }
        std::ranges::sort(files);
        deps_.database.in_tx([&](db::Tx& tx) {
            int position = 0;
            for (const auto& path : files) {
                const auto item = read_json(path);
                content::Page page;
                page.code = item.text_or("slug");
                page.kind = item.text_or("kind") == "story" ? content::PageKind::story : content::PageKind::page;
                page.position = position++;
                catalog::Texts slugs;
                for (const auto locale : kLocales) {
                    const auto title = text_at(item.find("title"), locale);
                    if (title.empty()) continue;
                    auto slug = text_at(item.find("slugs"), locale);
                    if (slug.empty()) slug = page.code;
                    slugs.emplace(locale, slug);
                    page.texts[std::string(locale)] = {slug, title, text_at(item.find("body"), locale),
                                                       text_at(item.find("seo_title"), locale),
                                                       text_at(item.find("seo_description"), locale)};
                }
                must(deps_.content.upsert_page(tx, page), "page " + page.code);
                slugs_["page/" + page.code] = std::move(slugs);
                if (page.kind == content::PageKind::story) stories_.insert(page.code);
                ++done_.pages;
            }
            if (std::filesystem::exists(directory / "faq.json")) faq(tx, read_json(directory / "faq.json"));
            if (std::filesystem::exists(directory / "menus.json")) menus(tx, read_json(directory / "menus.json"));
            if (std::filesystem::exists(directory / "home.json")) home(tx, read_json(directory / "home.json"));
        });
    }

    void faq(db::Tx& tx, const json::Value& file) {
        for (const auto locale : kLocales) {
            std::vector<content::FaqGroup> groups;
            for (const auto& group : items(file, "groups")) {
                content::FaqGroup out{text_at(group.find("title"), locale), {}};
                for (const auto& item : items(group, "items"))
                    out.items.push_back({text_at(item.find("question"), locale), text_at(item.find("answer"), locale)});
                groups.push_back(std::move(out));
            }
            must(deps_.content.put_faq(tx, locale, groups), "faq");
        }
    }

    void menus(db::Tx& tx, const json::Value& file) {
        for (const auto& [code, list] : file.members()) {
            for (const auto locale : kLocales) {
                content::MenuDto menu;
                for (const auto& item : list.items()) {
                    content::MenuItemDto top{text_at(item.find("label"), locale), href(item.find("target"), locale), {}};
                    for (const auto& child : items(item, "children")) {
                        content::MenuGroupDto group{text_at(child.find("label"), locale), href(child.find("target"), locale), {}};
                        for (const auto& leaf : items(child, "children"))
                            group.children.push_back({text_at(leaf.find("label"), locale), href(leaf.find("target"), locale)});
                        top.children.push_back(std::move(group));
                    }
                    menu.items.push_back(std::move(top));
                }
                must(deps_.content.put_menu(tx, code, locale, menu), "menu " + code);
            }
        }
    }

    void home(db::Tx& tx, const json::Value& file) {
        const auto* hero = file.find("hero");
        const auto* story = file.find("story");
        if (!hero) throw std::runtime_error("home.json has no hero");
        for (const auto locale : kLocales) {
            content::Home out;
            const auto title = text_at(hero->find("title"), locale);
            out.hero = {title,
                        text_at(hero->find("text"), locale),
                        {},
                        text_at(hero->at("cta", "label"), locale),
                        href(hero->at("cta", "target"), locale)};
            if (const auto image = picture_for(tx, hero->find("image"), texts(hero->find("title"))))
                out.hero.image = in_locale(*image, locale, title);
            for (const auto& room : items(file, "rooms")) {
                content::RoomDto shown{
                    text_at(room.find("title"), locale), text_at(room.find("text"), locale), href(room.find("target"), locale), {}};
                if (const auto image = picture_for(tx, room.find("image"), texts(room.find("title"))))
                    shown.image = in_locale(*image, locale, shown.title);
                out.rooms.push_back(std::move(shown));
            }
            if (story) {
                out.story_title = text_at(story->find("title"), locale);
                out.story_body = text_at(story->find("text"), locale);
                if (const auto page = story->text_or("page"); !page.empty()) {
                    out.story_href =
                        (stories_.contains(page) ? "/stories/" : "/p/") + std::string(catalog::text_in(slugs_.at("page/" + page), locale));
                }
                if (const auto image = picture_for(tx, story->find("image"), texts(story->find("title"))))
                    out.story_image = in_locale(*image, locale, out.story_title);
            }
            must(deps_.content.put_home(tx, locale, out), "home page");
        }
    }

    const SeedDeps& deps_;
    std::filesystem::path directory_;
    const Progress& progress_;
    DemoResult done_;
    std::vector<std::unique_ptr<json::Value>> product_files_;
    std::map<std::string, const json::Value*> media_texts_;
    std::map<std::string, catalog::AttributeKind> kinds_;
    std::map<std::string, catalog::CategoryId> categories_;
    std::map<std::string, catalog::ProductId> products_;
    std::map<std::string, catalog::Texts> slugs_;  // "category/chairs" → slug by locale
    std::set<std::string> stories_;
    std::map<std::string, Picture> pictures_;
    std::map<std::string, catalog::Texts> alt_;  // by file
    std::set<std::string> missing_;
};

}  // namespace

DemoResult seed_demo(const SeedDeps& deps, const std::string& directory, const Progress& progress) {
    return Demo(deps, directory, progress).run();
}

}  // namespace stoa::app
