#!/bin/sh
curl --header "PRIVATE-TOKEN: glpat-x7Kq9mZr2TbWc4Lp8YdN" "$CI_API_V4_URL/projects" # finding
