// A file read through memory-mapped pages: processes that open the same file share its memory.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace tokmill {

class MappedFile {
 public:
    // Throws Error(io) with the path and the reason. An empty file gives empty bytes.
    static std::shared_ptr<MappedFile const> open(std::string const& path);

    ~MappedFile();
    MappedFile(MappedFile const&) = delete;
    MappedFile& operator=(MappedFile const&) = delete;

    // Aligned to a page. The file must not be shortened while it is mapped.
    std::string_view bytes() const noexcept { return {static_cast<char const*>(data_), size_}; }

 private:
    MappedFile(void* data, std::size_t size) noexcept : data_(data), size_(size) {}

    void* data_;
    std::size_t size_;
};

}  // namespace tokmill
