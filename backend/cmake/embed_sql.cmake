# stoa_embed_sql(module dir out): every sql/queries/X.sql becomes gen/<module>/sql/X.hpp with one constexpr db::Query per
# "-- name: find_cart" statement, namespace stoa::<module>::sql.
set(STOA_EMBED_TOOL ${CMAKE_SOURCE_DIR}/backend/cmake/embed_sql.py)
find_package(Python3 REQUIRED COMPONENTS Interpreter)

function(stoa_embed_sql module dir out)
  file(GLOB files CONFIGURE_DEPENDS ${dir}/*.sql)
  set(results "")
  foreach(file IN LISTS files)
    get_filename_component(stem ${file} NAME_WE)
    set(target ${CMAKE_BINARY_DIR}/gen/${module}/sql/${stem}.hpp)
    add_custom_command(OUTPUT ${target} DEPENDS ${file} ${STOA_EMBED_TOOL}
      COMMAND Python3::Interpreter ${STOA_EMBED_TOOL} queries ${module} ${file} ${target} COMMENT "sql ${module}/${stem}")
    list(APPEND results ${target})
  endforeach()
  set(${out} "${results}" PARENT_SCOPE)
endfunction()

# One library with all migrations and one with every query (for the contract test that prepares them all).
function(stoa_finish_sql)
  get_property(dirs GLOBAL PROPERTY STOA_MIGRATION_DIRS)
  set(files "")
  set(queries "")
  foreach(dir IN LISTS dirs)
    file(GLOB found CONFIGURE_DEPENDS ${dir}/*.sql)
    list(APPEND files ${found})
    file(GLOB found CONFIGURE_DEPENDS ${dir}/../queries/*.sql)
    list(APPEND queries ${found})
  endforeach()
  set(target ${CMAKE_BINARY_DIR}/gen/migrations.cpp)
  add_custom_command(OUTPUT ${target} DEPENDS ${files} ${STOA_EMBED_TOOL}
    COMMAND Python3::Interpreter ${STOA_EMBED_TOOL} migrations ${target} ${files} COMMENT "sql migrations")
  add_library(stoa_migrations STATIC ${target})
  target_link_libraries(stoa_migrations PUBLIC stoa_platform PRIVATE stoa_flags)
  set(target ${CMAKE_BINARY_DIR}/gen/all_queries.cpp)
  add_custom_command(OUTPUT ${target} DEPENDS ${queries} ${STOA_EMBED_TOOL}
    COMMAND Python3::Interpreter ${STOA_EMBED_TOOL} all-queries ${target} ${queries} COMMENT "sql all queries")
  add_library(stoa_all_queries STATIC ${target})
  target_link_libraries(stoa_all_queries PUBLIC stoa_platform PRIVATE stoa_flags)
endfunction()
