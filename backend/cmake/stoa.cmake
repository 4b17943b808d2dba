# Compiler settings and the functions that declare modules.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_FLAGS_DEV "-O1 -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

find_program(STOA_CCACHE ccache)
if(STOA_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${STOA_CCACHE})
  # Precompiled headers and ccache agree only with these (ccache manual, "Precompiled headers").
  set(ENV{CCACHE_SLOPPINESS} "pch_defines,time_macros,include_file_mtime,include_file_ctime")
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
  else()
    add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
  endif()
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_link_options(-fuse-ld=mold)
else()
  add_link_options(-fuse-ld=lld)
endif()
if(STOA_SANITIZE)
  add_compile_options(-fsanitize=${STOA_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=${STOA_SANITIZE})
endif()

add_library(stoa_flags INTERFACE)
target_compile_options(stoa_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align
  -Wno-missing-field-initializers -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports these falsely inside libstdc++ and fmt at -O1/-O2 (gcc bugs 105329, 105651).
  target_compile_options(stoa_flags INTERFACE -Wno-restrict -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-array-bounds
    -Wno-dangling-pointer -Wno-stringop-overread -Wno-free-nonheap-object)
else()
  # clang reports libstdc++ 12's own use of get_temporary_buffer in std::stable_sort.
  target_compile_options(stoa_flags INTERFACE -Wno-deprecated-declarations)
endif()

include(edges)
include(embed_sql)
set(STOA_INCLUDES_TOOL ${CMAKE_CURRENT_LIST_DIR}/check_includes.py)

if(STOA_TESTS)
  enable_testing()
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()

function(stoa_use_pch target)
  if(STOA_PCH)
    target_precompile_headers(${target} REUSE_FROM stoa_pch)
    # Programs would be compiled with -fPIE, which does not fit a header compiled with -fPIC; the last one counts.
    target_compile_options(${target} PRIVATE -fPIC)
  endif()
endfunction()

# stoa_module(NAME name [LIBS extra libraries] [TEST_LIBS modules whose implementation the tests link])
# Sources are found by their place: src/**/*.cpp, tests/*_test.cpp (label unit), tests/*_itest.cpp (label integration),
# sql/queries/*.sql, sql/migrations/*.sql. What the module may see comes from edges.cmake alone: LIBS is for libraries of others.
function(stoa_module)
  cmake_parse_arguments(M "" "NAME" "LIBS;TEST_LIBS" ${ARGN})
  set(dir ${CMAKE_CURRENT_SOURCE_DIR})
  if(NOT DEFINED STOA_EDGE_${M_NAME})
    message(FATAL_ERROR "Module '${M_NAME}' has no row in backend/cmake/edges.cmake. Add one, below the modules it may see.")
  endif()

  foreach(lib IN LISTS M_LIBS)
    if(lib MATCHES "^stoa_")
      message(FATAL_ERROR "Module '${M_NAME}' names '${lib}' in LIBS. What it may see of other modules stands in its row of "
        "backend/cmake/edges.cmake.")
    endif()
  endforeach()

  file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${dir}/api/include/*.hpp)
  add_library(stoa_${M_NAME}_api INTERFACE)
  target_sources(stoa_${M_NAME}_api INTERFACE FILE_SET HEADERS BASE_DIRS ${dir}/api/include FILES ${headers})
  target_link_libraries(stoa_${M_NAME}_api INTERFACE stoa_platform)
  foreach(edge IN LISTS STOA_EDGE_${M_NAME})
    target_link_libraries(stoa_${M_NAME}_api INTERFACE stoa_${edge}_api)
  endforeach()

  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${dir}/src/*.cpp)
  if(sources)
    stoa_embed_sql(${M_NAME} ${dir}/sql/queries generated)
    # An api's own headers may need a third module's, so the compiler finds those too; that nobody names them is checked here.
    file(GLOB_RECURSE private_headers CONFIGURE_DEPENDS ${dir}/src/*.hpp)
    get_property(known GLOBAL PROPERTY STOA_KNOWN_MODULES)
    set(checked ${CMAKE_BINARY_DIR}/gen/${M_NAME}/includes.checked)
    add_custom_command(OUTPUT ${checked} DEPENDS ${headers} ${private_headers} ${sources} ${STOA_INCLUDES_TOOL}
      COMMAND Python3::Interpreter ${STOA_INCLUDES_TOOL} ${checked} ${M_NAME} "${STOA_EDGE_${M_NAME}}" "${known}" ${dir}/api ${dir}/src
      COMMENT "includes of ${M_NAME}" VERBATIM)
    add_library(stoa_${M_NAME} STATIC ${sources} ${generated} ${checked})
    target_include_directories(stoa_${M_NAME} PRIVATE ${dir}/src ${CMAKE_BINARY_DIR}/gen/${M_NAME})
    target_link_libraries(stoa_${M_NAME} PUBLIC stoa_${M_NAME}_api PRIVATE stoa_flags ${M_LIBS})
    stoa_use_pch(stoa_${M_NAME})
  endif()
  set_property(GLOBAL APPEND PROPERTY STOA_MIGRATION_DIRS ${dir}/sql/migrations)

  if(STOA_TESTS AND sources)
    file(GLOB unit CONFIGURE_DEPENDS ${dir}/tests/*_test.cpp)
    file(GLOB integration CONFIGURE_DEPENDS ${dir}/tests/*_itest.cpp)
    set(links stoa_${M_NAME} stoa_testing)
    foreach(lib IN LISTS M_TEST_LIBS)
      list(APPEND links stoa_${lib})
    endforeach()
    stoa_test(${M_NAME}_test unit "${unit}" "${links}" ${dir} ${M_NAME})
    stoa_test(${M_NAME}_itest integration "${integration}" "${links}" ${dir} ${M_NAME})
  endif()
endfunction()

function(stoa_test target label sources links dir module)
  if(NOT sources)
    return()
  endif()
  add_executable(${target} ${sources})
  target_include_directories(${target} PRIVATE ${dir}/src ${dir}/tests ${CMAKE_BINARY_DIR}/gen/${module})
  target_link_libraries(${target} PRIVATE ${links} stoa_flags GTest::gtest GTest::gmock GTest::gtest_main)
  target_compile_definitions(${target} PRIVATE STOA_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  stoa_use_pch(${target})
  gtest_discover_tests(${target} PROPERTIES LABELS ${label} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT 2700)
endfunction()
