#include "tests/system/outside/private_world.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

#include "cli/cluster/child_process.hpp"
#include "cli/test/work_folder.hpp"

namespace raftkv::system_test {
namespace {

namespace fs = std::filesystem;

Error missing(const std::string& what) {
    return Error{ErrorKind::failed, what};
}

// Of the folders where programs for root are: PATH need not have them.
Result<fs::path> find_program(const std::string& name) {
    for (const char* folder : {"/usr/sbin", "/sbin", "/usr/bin", "/bin"}) {
        fs::path program = fs::path(folder) / name;
        if (::access(program.c_str(), X_OK) == 0) return program;
    }
    return missing("there is no program " + name);
}

Result<void> run(const std::string& name, const std::vector<std::string>& words) {
    auto program = find_program(name);
    if (!program) return program.error();
    auto folder = test::WorkFolder::create();
    if (!folder) return folder.error();
    cli::ChildSpec spec;
    spec.program = *program;
    spec.arguments = words;
    spec.output_file = folder->path() / "said";
    auto child = cli::ChildProcess::start(spec);
    if (!child) return child.error();
    auto end = child->wait_for(std::chrono::seconds(10));
    if (end && !end->signalled && end->code == 0) return {};
    std::ifstream said(spec.output_file);
    std::string text(std::istreambuf_iterator<char>(said), {});
    return missing(fmt::format("{} {} failed: {}", name, fmt::join(words, " "), text));
}

// One command line, its words divided by single blanks.
Result<void> run_line(const std::string& line) {
    std::vector<std::string> words(1);
    for (char c : line) c == ' ' ? words.emplace_back() : words.back() += c;
    std::string name = words.front();
    words.erase(words.begin());
    return run(name, words);
}

Result<void> run_lines(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) {
        if (auto done = run_line(line); !done) return done;
    }
    return {};
}

Result<void> mount_at(const char* folder, const std::string& options) {
    std::error_code ec;
    fs::create_directories(folder, ec);
    if (::mount("raftkv-test", folder, "tmpfs", 0, options.c_str()) == 0) return {};
    return missing(fmt::format("cannot mount a tmpfs on {}: {}", folder, std::strerror(errno)));
}

}  // namespace

Result<void> PrivateWorld::enter() {
    if (::geteuid() != 0) return missing("only root may make networks and mounts");
    for (const char* program : {"ip", "nft"}) {
        if (auto found = find_program(program); !found) return found.error();
    }
    if (::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0)
        return missing(std::string("the kernel refuses namespaces: ") + std::strerror(errno));
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
        return missing(std::string("mounts cannot be made private: ") + std::strerror(errno));
    // Where `ip` keeps the names of networks; those of the old world are none of ours.
    if (auto mounted = mount_at("/run/netns", "size=1m"); !mounted) return mounted;
    return run_lines({"ip link set lo up", "ip link add switch type bridge",
                      "ip addr add 10.77.0.254/24 dev switch", "ip link set switch up"});
}

std::string PrivateWorld::address(std::uint32_t id) {
    return fmt::format("10.77.0.{}", id + 1);
}

Result<void> PrivateWorld::add_node(std::uint32_t id) {
    return run_lines(
        {fmt::format("ip netns add node-{}", id),
         fmt::format("ip link add port-{0} type veth peer name eth0 netns node-{0}", id),
         fmt::format("ip link set port-{} master switch up", id),
         fmt::format("ip -n node-{} addr add {}/24 dev eth0", id, address(id)),
         fmt::format("ip -n node-{} link set eth0 up", id),
         fmt::format("ip -n node-{} link set lo up", id)});
}

Result<void> PrivateWorld::drop_from(std::uint32_t id, const std::string& others) {
    if (auto none = drop_nothing(id); !none) return none;
    const std::string nft = fmt::format("ip netns exec node-{} nft ", id);
    return run_lines(
        {nft + "add table inet cut",
         nft + "add chain inet cut arriving { type filter hook input priority 0 ; }",
         nft + fmt::format("add rule inet cut arriving ip saddr {{ {} }} drop", others)});
}

Result<void> PrivateWorld::drop_nothing(std::uint32_t id) {
    return run_line(fmt::format("ip netns exec node-{} nft flush ruleset", id));
}

void PrivateWorld::unmount(const fs::path& folder) {
    ::umount2(folder.c_str(), MNT_DETACH);
}

Result<void> PrivateWorld::mount_small(const fs::path& folder, std::uint64_t bytes) {
    return mount_at(folder.c_str(), fmt::format("size={}", bytes));
}

}  // namespace raftkv::system_test
