#include "cli/test/trace/html.hpp"

#include <string_view>

#include "cli/test/trace/json.hpp"
#include "cli/test/trace/page_files.hpp"
#include "common/check.hpp"

namespace raftkv::trace {

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

class Page {
  public:
    explicit Page(std::string_view html) : rest_(html) {}

    void put(std::string_view mark, std::string_view text) {
        std::size_t at = rest_.find(mark);
        RAFTKV_CHECK(at != std::string_view::npos);
        out_ += rest_.substr(0, at);
        out_ += text;
        rest_.remove_prefix(at + mark.size());
    }

    std::string finish() {
        out_ += rest_;
        return std::move(out_);
    }

  private:
    std::string_view rest_;
    std::string out_;
};

}  // namespace

std::string to_html(const Trace& trace) {
    Page page(page_html());
    page.put("/* the style sheet */", page_style());
    page.put("/* the trace */", harmless(to_json(trace)));
    page.put("/* the script */", page_script());
    return page.finish();
}

}  // namespace raftkv::trace
