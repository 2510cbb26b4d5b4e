#include "cli/page/page.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "common/check.hpp"

namespace raftkv::cli {
namespace {

// A browser looks for the end of a script in the text itself, also inside of JSON's strings. '<'
// occurs nowhere else in JSON, and may be written as an escape there.
std::string harmless(std::string_view json) {
    std::string out;
    out.reserve(json.size() + json.size() / 64);
    for (char c : json) {
        if (c == '<') {
            out += "\\u003c";
        } else {
            out += c;
        }
    }
    return out;
}

// Moves the page up to the mark from `rest` to `out`, and puts the text in the place of the mark.
void put(std::string& out, std::string_view& rest, std::string_view mark, std::string_view text) {
    const std::size_t at = rest.find(mark);
    RAFTKV_CHECK(at != std::string_view::npos);
    out += rest.substr(0, at);
    out += text;
    rest.remove_prefix(at + mark.size());
}

}  // namespace

std::string page_of(const PageParts& parts) {
    std::string page;
    std::string_view rest = parts.html;
    put(page, rest, "/* the style sheet */", parts.style);
    put(page, rest, "/* the data */", harmless(parts.data));
    put(page, rest, "/* the script */", parts.script);
    page += rest;
    return page;
}

Result<void> write_page(const std::string& page, const std::filesystem::path& file) {
    std::ofstream out(file, std::ios::binary);
    out << page;
    out.close();
    if (out) return {};
    return Error{ErrorKind::io,
                 fmt::format("cannot write {}: {}", file.string(), std::strerror(errno))};
}

}  // namespace raftkv::cli
