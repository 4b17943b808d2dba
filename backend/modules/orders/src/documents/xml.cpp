#include "documents/xml.hpp"

namespace stoa::orders {

void Xml::escape(std::string_view text, bool attribute) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        // U+FFFE and U+FFFF
        if (c == 0xEF && i + 2 < text.size() && static_cast<unsigned char>(text[i + 1]) == 0xBF &&
            static_cast<unsigned char>(text[i + 2]) >= 0xBE) {
            i += 2;
            continue;
        }
        switch (c) {
            case '&':
                out_ += "&amp;";
                break;
            case '<':
                out_ += "&lt;";
                break;
            case '>':
                out_ += "&gt;";
                break;
            case '"':
                out_ += attribute ? "&quot;" : "\"";
                break;
            case '\r':
                out_ += "&#13;";
                break;
            case '\n':
            case '\t':
                if (attribute)
                    out_ += c == '\n' ? "&#10;" : "&#9;";
                else
                    out_ += static_cast<char>(c);
                break;
            default:
                if (c >= 0x20) out_ += static_cast<char>(c);
        }
    }
}

void Xml::start(std::string_view name, Attributes attributes) {
    out_.append(open_.size() * 2, ' ');
    out_ += '<';
    out_ += name;
    for (const auto& [key, value] : attributes) {
        out_ += ' ';
        out_ += key;
        out_ += "=\"";
        escape(value, true);
        out_ += '"';
    }
    out_ += '>';
}

void Xml::open(std::string_view name, Attributes attributes) {
    start(name, attributes);
    out_ += '\n';
    open_.emplace_back(name);
}

void Xml::close() {
    const std::string name = std::move(open_.back());
    open_.pop_back();
    out_.append(open_.size() * 2, ' ');
    out_ += "</" + name + ">\n";
}

void Xml::leaf(std::string_view name, std::string_view text, Attributes attributes) {
    start(name, attributes);
    escape(text, false);
    out_ += "</";
    out_ += name;
    out_ += ">\n";
}

}  // namespace stoa::orders
