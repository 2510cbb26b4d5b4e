#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

#include "cli/admin/member_ids.hpp"
#include "cli/fault/cluster_faults.hpp"
#include "common/faults/fault_amount.hpp"

namespace raftkv::cli {
namespace {

using Words = std::span<const std::string>;

Error wrong(std::string message) {
    return Error{ErrorKind::usage, std::move(message)};
}

// Whom the words may name.
struct Cluster {
    const ClusterConfig& config;
    const std::function<Result<NodeId>()>& find_leader;

    Result<NodeId> node(std::string_view word) const {
        if (word == "leader") return find_leader();
        auto id = parse_fault_node(word);
        if (!id) return id;
        if (config.find(*id) != nullptr) return id;
        return wrong(fmt::format("there is no node {}; the members are {}", id->value(),
                                 ids_of(config.servers)));
    }
};

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
    std::vector<std::string_view> parts;
    for (;;) {
        std::size_t end = text.find_first_of(separators);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

Result<FaultPlan> plan_cut(Words words, const Cluster& cluster) {
    std::string_view link = words[0];
    auto ends = split(link, ">-");
    if (ends.size() != 2) {
        return wrong(
            fmt::format("expected \"0>2\" (in quotes: for a shell > means a file) or 0-2, "
                        "found \"{}\"",
                        shown_word(link)));
    }
    auto from = cluster.node(ends[0]);
    if (!from) return from.error();
    auto to = cluster.node(ends[1]);
    if (!to) return to.error();
    if (*from == *to) return wrong("a node has no link to itself");
    return link.find('>') == std::string_view::npos ? cut_both_ways(*from, *to)
                                                    : cut_one_way(*from, *to);
}

Result<FaultPlan> plan_isolate(Words words, const Cluster& cluster) {
    auto node = cluster.node(words[0]);
    if (!node) return node.error();
    return isolate(cluster.config, *node);
}

Result<FaultPlan> plan_bridge(Words words, const Cluster& cluster) {
    auto node = cluster.node(words[0]);
    if (!node) return node.error();
    if (cluster.config.servers.size() < 3) return wrong("a bridge needs at least 3 nodes");
    return bridge(cluster.config, *node);
}

Result<FaultPlan> plan_partition(Words words, const Cluster& cluster) {
    std::vector<std::vector<NodeId>> groups;
    std::set<NodeId> seen;
    for (std::string_view part : split(words[0], "/|")) {
        groups.emplace_back();
        for (std::string_view word : split(part, ",")) {
            auto node = cluster.node(word);
            if (!node) return node.error();
            if (!seen.insert(*node).second)
                return wrong(fmt::format("node {} is in two groups", node->value()));
            groups.back().push_back(*node);
        }
    }
    for (const ServerConfig& server : cluster.config.servers) {
        if (seen.count(server.id) == 0)
            return wrong(fmt::format("node {} is in no group", server.id.value()));
    }
    if (groups.size() < 2) return wrong("a partition has at least two groups, as in 0,1/2,3,4");
    return partition(groups);
}

// Every link once; or, with a node, its links in both directions.
Result<FaultPlan> plan_links(const std::string& kind, Words words, const Cluster& cluster) {
    const std::array<std::string, 4> to_all{kind, words[0], "to", "all"};
    auto to = parse_fault(to_all);
    if (!to) return to.error();
    FaultPlan plan;
    if (words.size() == 1) {
        for (const ServerConfig& server : cluster.config.servers) plan.push_back({server.id, *to});
        return plan;
    }
    auto node = cluster.node(words[1]);
    if (!node) return node.error();
    FaultSpec from = *to;
    from.direction = FaultDirection::from;
    return FaultPlan{{*node, *to}, {*node, from}};
}

Result<FaultPlan> plan_delay(Words words, const Cluster& cluster) {
    return plan_links("delay", words, cluster);
}

Result<FaultPlan> plan_drop(Words words, const Cluster& cluster) {
    return plan_links("drop", words, cluster);
}

// Of one node, with an amount or without.
Result<FaultPlan> plan_own(std::string kind, Words words, const Cluster& cluster) {
    auto node = cluster.node(words[0]);
    if (!node) return node.error();
    std::vector<std::string> own{std::move(kind)};
    own.insert(own.end(), words.begin() + 1, words.end());
    auto fault = parse_fault(own);
    if (!fault) return fault.error();
    return FaultPlan{{*node, *fault}};
}

Result<FaultPlan> plan_disk_full(Words words, const Cluster& cluster) {
    return plan_own("disk-full", words, cluster);
}

Result<FaultPlan> plan_slow_disk(Words words, const Cluster& cluster) {
    return plan_own("slow-disk", words, cluster);
}

Result<FaultPlan> plan_stall_disk(Words words, const Cluster& cluster) {
    return plan_own("stall-disk", words, cluster);
}

Result<FaultPlan> plan_fail_disk(Words words, const Cluster& cluster) {
    return plan_own("fail-disk", words, cluster);
}

Result<FaultPlan> plan_clock(Words words, const Cluster& cluster) {
    return plan_own(words[1].ends_with('%') ? "clock-rate" : "clock", words, cluster);
}

struct Form {
    std::string_view name;
    std::size_t least, most;  // words after the name
    std::string_view usage;
    Result<FaultPlan> (*plan)(Words, const Cluster&);
};

constexpr std::array forms{
    Form{"cut", 1, 1, "\"0>2\" (one way; in quotes, or a shell takes > for a file) or 0-2",
         plan_cut},
    Form{"isolate", 1, 1, "<id>|leader", plan_isolate},
    Form{"partition", 1, 1, "<id>,.../<id>,...", plan_partition},
    Form{"bridge", 1, 1, "<id>|leader", plan_bridge},
    Form{"delay", 1, 2, "<time> [<id>|leader]", plan_delay},
    Form{"drop", 1, 2, "<percent> [<id>|leader]", plan_drop},
    Form{"disk-full", 1, 1, "<id>|leader", plan_disk_full},
    Form{"slow-disk", 2, 2, "<id>|leader <time>", plan_slow_disk},
    Form{"stall-disk", 1, 1, "<id>|leader", plan_stall_disk},
    Form{"fail-disk", 1, 1, "<id>|leader", plan_fail_disk},
    Form{"clock", 2, 2, "<id>|leader <+time>|<-time>|<+percent>|<-percent>", plan_clock},
};

}  // namespace

Result<FaultPlan> plan_faults(std::span<const std::string> words, const ClusterConfig& config,
                              const std::function<Result<NodeId>()>& find_leader) {
    std::string_view name = words.empty() ? std::string_view() : words.front();
    const auto* form = std::find_if(forms.begin(), forms.end(),
                                    [name](const Form& known) { return known.name == name; });
    if (form == forms.end()) {
        std::vector<std::string_view> names;
        for (const Form& known : forms) names.push_back(known.name);
        return wrong(fmt::format("\"{}\" is no fault; there are {}", shown_word(name),
                                 fmt::join(names, ", ")));
    }
    Words rest = words.subspan(1);
    if (rest.size() < form->least || rest.size() > form->most)
        return wrong(fmt::format("expected: {} {}", form->name, form->usage));
    return form->plan(rest, Cluster{config, find_leader});
}

}  // namespace raftkv::cli
