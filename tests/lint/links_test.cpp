// The documentation must not point to what is not there.
#include <gtest/gtest.h>

#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

namespace raftkv::lint {
namespace {

namespace fs = std::filesystem;

// Without what is between fences: a shell's comment is no heading.
std::string prose_of(const fs::path& path) {
    std::ifstream file(path);
    std::string text;
    bool fenced = false;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("```"))
            fenced = !fenced;
        else if (!fenced)
            text += line + "\n";
    }
    return text;
}

// As web pages of repositories name them.
std::string anchor_of(const std::string& heading) {
    std::string anchor;
    for (const char c : heading) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) || c == '-' || c == '_')
            anchor += static_cast<char>(std::tolower(byte));
        else if (c == ' ')
            anchor += '-';
    }
    return anchor;
}

std::set<std::string> anchors_in(const std::string& text) {
    static const std::regex heading("(^|\n)#+ ([^\n]+)");
    std::set<std::string> anchors;
    for (std::sregex_iterator i(text.begin(), text.end(), heading), end; i != end; ++i)
        anchors.insert(anchor_of((*i)[2]));
    return anchors;
}

void check_link(const fs::path& page, const std::string& link) {
    const std::size_t hash = std::min(link.find('#'), link.size());
    const fs::path target = hash == 0 ? page : page.parent_path() / link.substr(0, hash);
    EXPECT_TRUE(fs::exists(target)) << page << " points to " << link;
    if (hash == link.size() || !fs::is_regular_file(target)) return;
    EXPECT_TRUE(anchors_in(prose_of(target)).contains(link.substr(hash + 1)))
        << page << " points to " << link;
}

std::size_t check_links_of(const fs::path& page) {
    static const std::regex link("\\]\\(([^)\\s]+)\\)");
    const std::string text = prose_of(page);
    std::size_t links = 0;
    for (std::sregex_iterator i(text.begin(), text.end(), link), end; i != end; ++i) {
        if ((*i)[1].str().starts_with("http")) continue;
        ++links;
        check_link(page, (*i)[1]);
    }
    return links;
}

TEST(Documentation, points_to_what_is_there) {
    const fs::path root = RAFTKV_SOURCE_DIR;
    std::size_t links = check_links_of(root / "README.md");
    for (const char* folder : {"docs", "cli", "common", "node", "tests"}) {
        for (const auto& entry : fs::recursive_directory_iterator(root / folder))
            if (entry.path().extension() == ".md") links += check_links_of(entry.path());
    }
    EXPECT_GT(links, 20u);
}

}  // namespace
}  // namespace raftkv::lint
