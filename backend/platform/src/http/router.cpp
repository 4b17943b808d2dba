#include "stoa/http/router.hpp"

#include <array>
#include <map>
#include <set>
#include <stdexcept>

#include "http/text.hpp"

namespace stoa::http {
namespace {

constexpr std::size_t kMethods = 7;
constexpr std::size_t kMaxSegments = 32;

using ByMethod = std::array<const Route*, kMethods>;

std::size_t index_of(Method method) { return static_cast<std::size_t>(method); }

const Route* find(const ByMethod& routes, Method method) {
    if (const Route* route = routes[index_of(method)]) return route;
    return method == Method::head ? routes[index_of(Method::get)] : nullptr;
}

std::vector<std::string_view> split(std::string_view path) {
    std::vector<std::string_view> segments;
    path.remove_prefix(1);
    while (true) {
        const std::size_t slash = path.find('/');
        segments.push_back(path.substr(0, slash));
        if (slash == std::string_view::npos) return segments;
        path.remove_prefix(slash + 1);
    }
}

bool is_parameter(std::string_view segment) { return segment.size() > 2 && segment.front() == '{' && segment.back() == '}'; }
bool is_rest(std::string_view segment) { return is_parameter(segment) && segment[segment.size() - 2] == '*'; }

std::string_view name_of(std::string_view segment) {
    segment = segment.substr(1, segment.size() - 2);
    if (segment.ends_with('*')) segment.remove_suffix(1);
    return segment;
}

std::vector<std::string> parameter_names(const std::string& pattern) {
    std::vector<std::string> names;
    for (const std::string_view segment : split(pattern)) {
        if (is_parameter(segment)) names.emplace_back(name_of(segment));
    }
    return names;
}

}  // namespace

struct Routes::Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> children;
    std::unique_ptr<Node> parameter;
    ByMethod here{};
    ByMethod rest{};                                         // "{name*}" below this node
    std::map<const Route*, std::vector<std::string>> names;  // of the routes that end here

    static bool any(const ByMethod& routes) {
        for (const Route* route : routes) {
            if (route) return true;
        }
        return false;
    }
};

namespace {

[[noreturn]] void refuse(const Route& route, std::string_view why) {
    throw std::logic_error(std::string(method_name(route.method)) + " " + route.pattern + ": " + std::string(why));
}

void check(const Route& route) {
    if (!route.pattern.starts_with('/')) refuse(route, "a pattern starts with a slash");
    if (!route.handler) refuse(route, "it has no handler");
    const auto segments = split(route.pattern);
    if (segments.size() > kMaxSegments) refuse(route, "it has too many segments");
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const std::string_view segment = segments[i];
        if (segment.empty() && segments.size() > 1) refuse(route, "it has an empty segment");
        if (!is_parameter(segment)) {
            if (segment.find_first_of("{}*%") != std::string_view::npos) refuse(route, "a parameter is a whole segment: {name}");
            continue;
        }
        if (name_of(segment).empty() || !names.insert(name_of(segment)).second) refuse(route, "parameter names must be there and differ");
        if (is_rest(segment) && i + 1 != segments.size()) refuse(route, "{name*} is the last segment");
    }
}

struct Search {
    Method method;
    const std::vector<std::string_view>& raw;
    const std::vector<std::string>& decoded;  // empty when nothing is encoded
    std::vector<std::string> values{};
    ByMethod seen{};  // of every node the path fits, for Allow
    const Route* found = nullptr;
    const std::vector<std::string>* names = nullptr;

    [[nodiscard]] std::string_view segment(std::size_t i) const { return decoded.empty() ? raw[i] : std::string_view(decoded[i]); }

    template <class Node>
    bool end_at(const Node& node, const ByMethod& routes) {
        found = find(routes, method);
        if (found) {
            names = &node.names.at(found);
            return true;
        }
        for (std::size_t m = 0; m < kMethods; ++m) {
            if (routes[m]) seen[m] = routes[m];
        }
        return false;
    }

    template <class Node>
    bool walk(const Node& node, std::size_t depth) {
        if (depth == raw.size()) return end_at(node, node.here);
        const std::string_view here = segment(depth);
        if (const auto child = node.children.find(here); child != node.children.end() && walk(*child->second, depth + 1)) return true;
        if (node.parameter && !here.empty()) {
            values.emplace_back(here);
            if (walk(*node.parameter, depth + 1)) return true;
            values.pop_back();
        }
        if (Node::any(node.rest)) {
            std::string rest;
            for (std::size_t i = depth; i < raw.size(); ++i) {
                if (i > depth) rest += '/';
                rest += segment(i);
            }
            if (rest.empty()) return false;
            values.push_back(std::move(rest));
            if (end_at(node, node.rest)) return true;
            values.pop_back();
        }
        return false;
    }
};

}  // namespace

Route& Routes::add(Method method, std::string pattern, std::string operation_id) {
    if (root_) throw std::logic_error("routes cannot be added after freeze()");
    Route& route = routes_.emplace_back();
    route.method = method;
    route.pattern = std::move(pattern);
    route.operation_id = std::move(operation_id);
    return route;
}

void Routes::freeze() {
    auto root = std::make_shared<Node>();
    std::set<std::string_view> operations;
    std::map<std::string, const Route*> shapes;
    for (const Route& route : routes_) {
        check(route);
        if (!operations.insert(route.operation_id).second) refuse(route, "operation id " + route.operation_id + " is used twice");
        std::string shape;
        Node* node = root.get();
        ByMethod* end = nullptr;
        const auto segments = route.pattern == "/" ? std::vector<std::string_view>{""} : split(route.pattern);
        for (const std::string_view segment : segments) {
            if (is_rest(segment)) {
                shape += "/{*}";
                end = &node->rest;
            } else if (is_parameter(segment)) {
                shape += "/{}";
                if (!node->parameter) node->parameter = std::make_unique<Node>();
                node = node->parameter.get();
            } else {
                shape.append("/").append(segment);
                auto& child = node->children[std::string(segment)];
                if (!child) child = std::make_unique<Node>();
                node = child.get();
            }
        }
        if (!end) end = &node->here;
        const auto [same, fresh] = shapes.emplace(shape, &route);
        if (!fresh && same->second->pattern != route.pattern)
            refuse(route, "differs from " + same->second->pattern + " only in parameter names");
        if ((*end)[index_of(route.method)]) refuse(route, "is declared twice");
        (*end)[index_of(route.method)] = &route;
        node->names[&route] = parameter_names(route.pattern);
        if (route.access == Access::provider) provider_paths_.emplace_back(route.pattern.substr(0, route.pattern.find('{')), &route);
    }
    root_ = std::move(root);
}

Routes::Match Routes::match(Method method, std::string_view path) const {
    if (!root_) throw std::logic_error("Routes::freeze() was not called");
    Match match;
    if (!path.starts_with('/')) return match;
    for (const auto& [start, route] : provider_paths_) {
        if (path.starts_with(start)) match.shown_path = route->pattern;
    }
    const auto raw = split(path);
    if (raw.size() > kMaxSegments) return match;
    std::vector<std::string> decoded;
    if (path.find('%') != std::string_view::npos) {
        std::string whole;
        for (const std::string_view segment : raw) {
            if (!percent_decode(segment, decoded.emplace_back(), false)) return match;
            whole.append("/").append(decoded.back());
        }
        for (const auto& [start, route] : provider_paths_) {
            if (whole.starts_with(start)) match.shown_path = route->pattern;
        }
    }
    Search search{method, raw, decoded};
    if (search.walk(*root_, 0)) {
        match.route = search.found;
        match.path_exists = true;
        for (std::size_t i = 0; i < search.names->size(); ++i) match.params.emplace_back((*search.names)[i], std::move(search.values[i]));
        return match;
    }
    for (std::size_t m = 0; m < kMethods; ++m) {
        const auto candidate = static_cast<Method>(m);
        if (!find(search.seen, candidate)) continue;
        match.path_exists = true;
        if (!match.allow.empty()) match.allow += ", ";
        match.allow += method_name(candidate);
    }
    return match;
}

}  // namespace stoa::http
