#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/system/client/program.hpp"
#include "tests/unit/client/fake_node.hpp"

namespace raftkv::test {

// Three nodes in the test's own process, with their config.json: node 1 leads and has a memory,
// node 0 redirects to it, node 2 is down. Their admin ports say the same.
class FakeCluster {
  public:
    FakeCluster();

    const Folder& folder() const { return folder_; }
    FakeStore& store() { return store_; }
    std::string address(std::size_t node) const;

  private:
    Folder folder_;
    FakeStore store_;
    std::vector<std::uint16_t> ports_;
    std::vector<std::unique_ptr<FakeNode>> nodes_;
};

// config.json for nodes 0, 1, ... on these ports. Only real nodes have a use for log ports.
std::string config_text(const std::vector<std::uint16_t>& client_ports,
                        const std::vector<std::uint16_t>& admin_ports,
                        const std::vector<std::uint16_t>& log_ports = {});

}  // namespace raftkv::test
