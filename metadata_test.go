// SPDX-License-Identifier: Apache-2.0

package leadsync_test

import (
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
)

// metadataTypes are the types of docs/metadata by the suffix of their files, with the
// folder that the Metadata API wants them in and the elements that docs/metadata uses.
// Source: https://developer.salesforce.com/docs/atlas.en-us.api_meta.meta/api_meta/
var metadataTypes = map[string]struct{ root, folder, elements string }{
	"field": {"CustomField", "objects", "fullName label description type length externalId unique caseSensitive required"},
	"permissionset": {"PermissionSet", "permissionsets", "label description hasActivationRequired " +
		"fieldPermissions editable field readable objectPermissions allowCreate allowDelete allowEdit allowRead " +
		"modifyAllRecords object viewAllRecords userPermissions enabled name"},
	"eca": {"ExternalClientApplication", "externalClientApps",
		"contactEmail description distributionState isProtected label"},
	"ecaOauth": {"ExtlClntAppOauthSettings", "extlClntAppOauthSettings",
		"commaSeparatedOauthScopes externalClientApplication label"},
	"ecaGlblOauth": {"ExtlClntAppGlobalOauthSettings", "extlClntAppGlobalOauthSets",
		"callbackUrl externalClientApplication isConsumerSecretOptional isIntrospectAllTokens isPkceRequired " +
			"isRefreshTokenRotationEnabled isSecretRequiredForRefreshToken label shouldRotateConsumerKey " +
			"shouldRotateConsumerSecret"},
	"ecaOauthPlcy": {"ExtlClntAppOauthConfigurablePolicies", "extlClntAppOauthPolicies", "commaSeparatedPermissionSet " +
		"externalClientApplication ipRelaxationPolicyType label permittedUsersPolicyType refreshTokenPolicyType " +
		"refreshTokenValidityPeriod refreshTokenValidityUnit"},
}

func TestMetadataIsInSourceFormat(t *testing.T) {
	t.Parallel()
	root := os.DirFS("docs/metadata/force-app/main/default")
	seen := make(map[string]int)
	require.NoError(t, fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		base, isMeta := strings.CutSuffix(path.Base(name), "-meta.xml")
		require.True(t, isMeta, name)
		suffix := strings.TrimPrefix(path.Ext(base), ".")
		want, known := metadataTypes[suffix]
		require.True(t, known, name)
		folder, _, _ := strings.Cut(name, "/")
		require.Equal(t, want.folder, folder, name)
		seen[suffix]++
		file, err := root.Open(name)
		require.NoError(t, err)
		defer file.Close()
		requireElements(t, name, file, want.root, strings.Fields(want.elements))
		return nil
	}))
	require.Len(t, seen, len(metadataTypes))
	require.Equal(t, 4, seen["field"])
}

// requireElements wants one root element in the namespace of metadata, and in it only
// those elements.
func requireElements(t *testing.T, name string, r io.Reader, root string, elements []string) {
	t.Helper()
	decoder := xml.NewDecoder(r)
	depth := 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err, name)
		switch token := token.(type) {
		case xml.StartElement:
			require.Equal(t, "http://soap.sforce.com/2006/04/metadata", token.Name.Space, name)
			if depth == 0 {
				require.Equal(t, root, token.Name.Local, name)
			} else {
				require.Contains(t, elements, token.Name.Local, name)
			}
			depth++
		case xml.EndElement:
			depth--
		}
	}
}

func TestPermissionSetGrantsWhatTheRecommendedMappingWrites(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("docs/metadata/force-app/main/default/permissionsets/Leadsync.permissionset-meta.xml")
	require.NoError(t, err)
	var set struct {
		Fields []struct {
			Field    string `xml:"field"`
			Editable bool   `xml:"editable"`
			Readable bool   `xml:"readable"`
		} `xml:"fieldPermissions"`
		Objects []struct {
			Object string `xml:"object"`
			Create bool   `xml:"allowCreate"`
			Edit   bool   `xml:"allowEdit"`
			Read   bool   `xml:"allowRead"`
			All    bool   `xml:"viewAllRecords"`
			Delete bool   `xml:"allowDelete"`
		} `xml:"objectPermissions"`
	}
	require.NoError(t, xml.Unmarshal(file, &set))
	var editable []string
	for _, f := range set.Fields {
		require.True(t, f.Readable, f.Field)
		if f.Editable {
			editable = append(editable, f.Field)
		}
	}
	require.ElementsMatch(t, grantable(leadsync.DefaultMapping()), editable)
	var written []string
	for _, o := range set.Objects {
		require.True(t, o.Read && o.All && !o.Delete && o.Create == o.Edit, o.Object)
		if o.Create {
			written = append(written, o.Object)
		}
	}
	require.ElementsMatch(t, []string{"Lead", "Contact", "Account"}, written)
}

// grantable returns what a permission set has to name for the mapping's fields: an address
// as a whole, no field that Salesforce requires and no name or owner, which it does not let
// a permission set name; and the fields that leadsync fills without a rule.
func grantable(m *leadsync.Mapping) []string {
	fields := []string{"Contact.AccountId", "Task.Description", "Task.LeadsyncKey__c"}
	for _, section := range m.Sections {
		fields = append(fields, string(section.Object)+".LeadsyncKey__c")
		for _, rule := range section.Rules {
			name := rule.Field
			switch {
			case slices.Contains([]string{"FirstName", "LastName", "Name", "Company", "OwnerId"}, name):
				continue
			case section.Object == salesforce.ObjectContact && strings.HasPrefix(name, "Mailing"):
				name = "MailingAddress"
			case section.Object == salesforce.ObjectAccount && strings.HasPrefix(name, "Billing"):
				name = "BillingAddress"
			case slices.Contains([]string{"Street", "City", "State", "PostalCode", "Country"}, name):
				name = "Address"
			}
			fields = append(fields, string(section.Object)+"."+name)
		}
	}
	slices.Sort(fields)
	return slices.Compact(fields)
}
