#include "cli/test/trace/html.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "cli/test/trace/json.hpp"
#include "tests/unit/trace/sample_traces.hpp"

namespace raftkv::trace {
namespace {

std::size_t count(std::string_view text, std::string_view what) {
    std::size_t found = 0;
    for (std::size_t at = text.find(what); at != std::string_view::npos;
         at = text.find(what, at + 1)) {
        ++found;
    }
    return found;
}

// What the page carries between the tags of its trace.
std::string_view carried(std::string_view html) {
    constexpr std::string_view tag = "<script type=\"application/json\" id=\"trace\">";
    std::size_t start = html.find(tag) + tag.size();
    return html.substr(start, html.find("</script>", start) - start);
}

TEST(TracePage, carries_the_whole_trace) {
    auto on_page = nlohmann::json::parse(carried(to_html(incident())));
    EXPECT_EQ(on_page, nlohmann::json::parse(to_json(incident())));
}

TEST(TracePage, is_complete_and_loads_nothing) {
    std::string html = to_html(incident());
    EXPECT_TRUE(html.starts_with("<!doctype html>"));
    EXPECT_TRUE(html.ends_with("</html>\n"));
    EXPECT_EQ(count(html, "/* the "), 0u) << "a mark was not replaced";
    for (std::string_view loads : {"<link", " src=", "@import", "url(", "fetch(", "XMLHttpRequest",
                                   "http://", "https://", "import("}) {
        EXPECT_EQ(count(html, loads), 0u) << loads;
    }
    EXPECT_EQ(count(html, "default-src 'none'"), 1u) << "the browser is told to load nothing";
}

TEST(TracePage, never_makes_markup_of_text) {
    std::string html = to_html(empty_run());
    for (std::string_view obeys : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write",
                                   "eval(", "new Function"}) {
        EXPECT_EQ(count(html, obeys), 0u) << obeys;
    }
}

TEST(TracePage, hostile_text_does_not_get_out_of_the_trace) {
    std::string hostile = to_html(hostile_run());
    std::string decent = to_html(incident());
    for (std::string_view tag : {"<script", "</script", "<img", "<!--"}) {
        EXPECT_EQ(count(hostile, tag), count(decent, tag)) << tag;
    }
    EXPECT_EQ(count(carried(hostile), "<"), 0u);
    auto on_page = nlohmann::json::parse(carried(hostile));
    EXPECT_EQ(on_page, nlohmann::json::parse(to_json(hostile_run())));
}

}  // namespace
}  // namespace raftkv::trace
