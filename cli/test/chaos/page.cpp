#include "cli/test/chaos/page.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>

#include "cli/test/chaos/page_files.hpp"
#include "common/check.hpp"

namespace raftkv::chaos {
namespace {

// A browser looks for the end of a script in the text itself, also inside of JSON's strings. '<'
// occurs nowhere else in JSON, and may be written as an escape there.
std::string harmless(std::string_view json) {
    std::string out;
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

std::string as_page(const Report& report) {
    std::string page;
    std::string_view rest = page_html();
    put(page, rest, "/* the style sheet */", page_style());
    put(page, rest, "/* the report */", harmless(as_json(report)));
    put(page, rest, "/* the script */", page_script());
    page += rest;
    return page;
}

Result<void> write_page(const Report& report, const std::filesystem::path& file) {
    std::ofstream out(file, std::ios::binary);
    out << as_page(report);
    out.close();
    if (out) return {};
    return Error{ErrorKind::io,
                 fmt::format("cannot write {}: {}", file.string(), std::strerror(errno))};
}

}  // namespace raftkv::chaos
