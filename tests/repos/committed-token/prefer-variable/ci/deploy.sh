#!/bin/sh
curl --header "PRIVATE-TOKEN: $GITLAB_TOKEN" "$CI_API_V4_URL/projects"
git clone "https://oauth2:${GITLAB_TOKEN}@git.acme.example/x.git"
# like glpat-EXAMPLEexampleEXAMPLE1, or https://user:password@host/
