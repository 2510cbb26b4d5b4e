#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "common/result.hpp"

// A page for a browser as one text: it needs no server and no network.

namespace raftkv::cli {

struct PageParts {
    std::string_view html;    // with the marks below
    std::string_view style;   // stands where it says "/* the style sheet */"
    std::string_view data;    // JSON, where it says "/* the data */"; shown, and never obeyed
    std::string_view script;  // where it says "/* the script */"
};

std::string page_of(const PageParts& parts);

// An Error of kind io names the file.
Result<void> write_page(const std::string& page, const std::filesystem::path& file);

}  // namespace raftkv::cli
